/**
 * Reads the YAML of kingfisher (https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md) and of noseyparker, which
 * it goes on from. Live checks of found values are left out: a log line has no network.
 */
import { z } from 'zod';
import type { Problem } from '../../errors.ts';
import { readYaml } from '../../yaml/document.ts';
import { type ForeignRule, type ForeignRules, numberOf, tableOf, textOf, textsOf } from './foreign.ts';
import { nameOf } from './gitleaks.ts';

const CONFIDENCES: Readonly<Record<string, number>> = { low: 0.6, medium: 0.75, high: 0.9 };
const OTHER_REQUIREMENTS = [
  'min_uppercase',
  'min_lowercase',
  'min_special_chars',
  'special_chars',
  'checksum',
];

const fileSchema = z.looseObject({ rules: z.array(z.unknown()) });

/** @returns undefined when the text is YAML of another kind; problems when it is no YAML */
export function readKingfisher(file: string, text: string): ForeignRules | readonly Problem[] | undefined {
  const result = readYaml(file, text, fileSchema);
  if (!result.ok) return result.problems;
  const { value, problemAt } = result.document;
  const tables = value.rules.map(tableOf);
  if (!tables.some((rule) => 'pattern' in rule)) return undefined;
  const notes: Problem[] = [];
  const isKingfisher = tables.some(
    (rule) =>
      'min_entropy' in rule || 'confidence' in rule || textOf(rule.id)?.startsWith('kingfisher.') === true,
  );
  const rules = tables.flatMap((rule, index) => {
    const noteAt = (part: string | undefined, message: string): Problem =>
      problemAt(['rules', index, ...(part === undefined ? [] : [part])], message);
    return readRule(rule, noteAt, notes);
  });
  return { format: isKingfisher ? 'kingfisher' : 'noseyparker', rules, notes, count: tables.length };
}

function readRule(
  rule: ReturnType<typeof tableOf>,
  noteAt: ForeignRule['noteAt'],
  notes: Problem[],
): ForeignRule[] {
  const id = textOf(rule.id);
  const skip = (part: string | undefined, reason: string): [] => {
    notes.push(noteAt(part, `${id === undefined ? 'a rule' : nameOf(id)} is not imported: ${reason}`));
    return [];
  };
  const regex = textOf(rule.pattern);
  if (id === undefined) return skip(undefined, 'it has no `id`');
  if (regex === undefined) return skip(undefined, 'it has no `pattern`');
  if (rule.visible === false) return skip('visible', 'its findings are parts of others and are not reported');
  const requirements = tableOf(rule.pattern_requirements);
  const other = OTHER_REQUIREMENTS.filter((name) => name in requirements);
  if (other.length > 0)
    notes.push(
      noteAt(
        'pattern_requirements',
        `${nameOf(id)}: not imported: ${other.join(', ')}; it finds more without`,
      ),
    );
  return [
    {
      id,
      description: textOf(rule.name) ?? id,
      regex,
      group: undefined,
      keywords: [],
      minEntropy: numberOf(rule.min_entropy) || undefined,
      minDigits: numberOf(requirements.min_digits) || undefined,
      confidence: CONFIDENCES[textOf(rule.confidence) ?? ''] ?? CONFIDENCES.medium,
      allow: { patterns: [], stopwords: textsOf(requirements.ignore_if_contains ?? []) },
      examples: textsOf(rule.examples ?? []),
      negativeExamples: textsOf(rule.negative_examples ?? []),
      references: textsOf(rule.references ?? []),
      noteAt,
    },
  ];
}
