/** Audits as a user runs them, with toy rules and a key for tests. */
import { join } from 'node:path';
import { type RunResult, runCli, TEST_KEY } from '../support/cli.ts';
import { writeFiles } from '../support/folders.ts';
import { TOY_RULES } from '../support/rules.ts';

/** Toy rules, and one for a value of many lines. */
const RULES = `${TOY_RULES}  - id: toy-block
    description: Toy block of many lines
    entity: TOY_BLOCK
    category: secret
    severity: high
    confidence: 0.9
    multiline:
      begin: 'BEGIN TOY'
      end: 'END TOY'
      body: '^[A-Za-z0-9+/=]+$'
      maxBytes: 4096
      maxGapLines: 3
    keywords: [begin toy]
    examples:
      - text: |
          BEGIN TOY
          AAAA
          END TOY
        match: |-
          BEGIN TOY
          AAAA
          END TOY
`;

export const ENVIRONMENT = { LOGVEIL_KEY: TEST_KEY };

/** Writes the rules beside the files. @returns arguments that name them */
export function withRules(folder: string): string[] {
  writeFiles(folder, { 'rules.yaml': RULES });
  return ['--rules', join(folder, 'rules.yaml')];
}

/** Runs an audit in a folder. */
export function audit(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: Buffer,
): Promise<RunResult> {
  const options = { cwd: folder, env: { ...ENVIRONMENT, ...env } };
  return runCli(
    ['audit', ...withRules(folder), ...args],
    input === undefined ? options : { ...options, input },
  );
}
