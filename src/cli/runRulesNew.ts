/** `rules new`: the beginning of a rule. */
import { examplesFor } from '../app/ruleExamples.ts';
import { Random } from '../bench/random.ts';
import { UsageError } from '../errors.ts';
import type { Category, Severity } from '../findings/finding.ts';
import { outerGroups } from '../rules/import/regex.ts';
import { toEntity } from '../rules/import/toRule.ts';
import { writeRuleFile } from '../rules/import/write.ts';
import { lintRule } from '../rules/lint.ts';
import { packedRuleIds } from '../rules/packed.ts';
import { ruleSchema } from '../rules/schema.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { writeNewFile } from './ruleFile.ts';

export interface NewFlags {
  readonly output: string;
  readonly pattern?: string;
  readonly description?: string;
  readonly entity?: string;
  readonly category: Category;
  readonly severity: Severity;
}

const EXAMPLES = 2;
const CONFIDENCE = 0.9;
const GDPR: Readonly<Record<Category, string>> = {
  secret: 'art32',
  special: 'art9(1)',
  health: 'art9(1)',
  pii: 'art4(1)',
  'online-id': 'art4(1)',
  financial: 'art4(1)',
  'national-id': 'art87',
};

/** @throws UsageError, IoError */
export async function newRule(id: string, flags: NewFlags): Promise<ExitCode> {
  if (packedRuleIds().includes(id))
    throw new UsageError(`${id}: expected a new id, a rule that ships has it`);
  const regex = flags.pattern ?? placeholderPattern(id);
  const [group] = outerGroups(regex);
  const rule = {
    id,
    description: flags.description ?? 'What the value is, and who issues it',
    entity: flags.entity ?? toEntity(id),
    category: flags.category,
    gdpr: [GDPR[flags.category]],
    severity: flags.severity,
    confidence: CONFIDENCE,
    patterns: [{ regex, ...(group !== undefined && { group }) }],
  };
  const checked = ruleSchema.safeParse({ ...rule, examples: [{ text: 'x', match: 'x' }] });
  const mistakes = [
    ...lintRule(rule).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ...(checked.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
  ];
  if (mistakes.length > 0 || !checked.success) throw new UsageError(mistakes.join('; '));
  const random = new Random(1);
  const examples = examplesFor(checked.data, [], EXAMPLES, (limit) => random.below(limit));
  if (examples.length === 0) {
    throw new UsageError(
      '--pattern: no text could be made up in which it finds anything; write the file by hand',
    );
  }
  const head = [
    ...(flags.pattern === undefined
      ? ['Put your own in: the pattern (RE2, see docs/rules.md), and examples that it finds.']
      : ['Put real forms of the value in place of the made-up examples.']),
    'Add near misses from your logs. Then: logveil rules check FILE; logveil rules test --rules FILE',
  ];
  const nearMisses = ['a line of a log that looks like it and is harmless'];
  await writeNewFile(flags.output, writeRuleFile(head, [{ ...rule, examples, nearMisses }]));
  return EXIT_CODES.done;
}

/** A pattern that works as it stands: the id's first word, and a token behind it. */
function placeholderPattern(id: string): string {
  return String.raw`\b${id.split('-', 1)[0]}_[0-9A-Za-z]{32}\b`;
}
