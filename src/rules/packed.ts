/**
 * The rules that ship, checked and parsed when logveil is built: reading the YAML, checking it and compiling each
 * pattern to see whether RE2 takes it costs some 400 ms, reading the result costs 5. What matching does without stays
 * in the YAML.
 *
 * Each file goes with the hash of its source, so that a file that was changed after the build is read as YAML again.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, type RuleFile } from './packs.ts';
import { type MatchingRule, type RuleOfSet, toMatchingRule } from './ruleSet.ts';

const PACKED_SCHEMA = 'logveil.packed-rules/2';

interface PackedFile {
  /** As in `RuleFile`. */
  readonly file: string;
  /** Of the YAML, hex. */
  readonly sha256: string;
  readonly rules: readonly MatchingRule[];
}

interface PackedRules {
  readonly schema: typeof PACKED_SCHEMA;
  readonly files: readonly PackedFile[];
}

/** The JSON to ship for files whose rules have been checked. */
export function packRules(
  files: readonly RuleFile[],
  rulesOf: (file: RuleFile) => readonly MatchingRule[],
): string {
  const packed: PackedRules = {
    schema: PACKED_SCHEMA,
    files: files.map((file) => ({
      file: file.file,
      sha256: sha256Of(file),
      rules: rulesOf(file).map(toMatchingRule),
    })),
  };
  return JSON.stringify(packed);
}

/** Where the build puts it. */
export function packedRulesPath(): string {
  return join(packageRoot(), 'dist', 'rules.json');
}

/** @returns the rules of the files, or undefined when any of them must be read as YAML */
export function readPackedRules(files: readonly RuleFile[]): RuleOfSet[] | undefined {
  if (files.some(({ pack }) => pack === 'user')) return undefined;
  const byFile = new Map(readPackedFiles().map((entry) => [entry.file, entry]));
  const rules: RuleOfSet[] = [];
  for (const file of files) {
    const entry = byFile.get(file.file);
    if (entry === undefined || entry.sha256 !== sha256Of(file)) return undefined;
    for (const rule of entry.rules) rules.push({ rule, pack: file.pack, problemAt: problemOf(file) });
  }
  return rules;
}

/** The ids of all rules that ship, as the build found them. */
export function packedRuleIds(): string[] {
  return readPackedFiles().flatMap(({ rules }) => rules.map(({ id }) => id));
}

/** None where nothing was built, or by another version. */
function readPackedFiles(): readonly PackedFile[] {
  const path = packedRulesPath();
  if (!existsSync(path)) return [];
  const packed = JSON.parse(readFileSync(path, 'utf8')) as PackedRules;
  return packed.schema === PACKED_SCHEMA ? packed.files : [];
}

function problemOf(file: RuleFile): RuleOfSet['problemAt'] {
  return (_path, message) => ({ file: file.file, line: 1, column: 1, message });
}

function sha256Of(file: RuleFile): string {
  return createHash('sha256').update(readFileSync(file.path)).digest('hex');
}
