/**
 * The labelled corpora of other projects, where they are at hand (`LOGVEIL_CORPORA`, or `shared/corpora` beside the
 * repository). Their rows' spans are code points.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Text } from './measure.ts';

const folder = process.env.LOGVEIL_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora');

const span = z.tuple([z.number().int(), z.number().int()]);
const rowSchema = z.object({
  text: z.string(),
  label: z.string(),
  context: z.string().optional(),
  difficulty: z.string().optional(),
  span: span.optional().nullable(),
  spans: z.array(span).optional().nullable(),
  weak_value: z.boolean().optional(),
  secret_class: z.string().optional(),
  clean_scope: z.string().optional(),
});
type Row = z.infer<typeof rowSchema>;

export const LABELLED = ['secrets-dev.jsonl', 'pii-dev.jsonl'] as const;

/** The rows that count: no weak values, and of the clean ones those in which nothing at all is to be found. */
function counts(row: Row): boolean {
  if (row.label === 'clean') return (row.clean_scope ?? 'text') === 'text';
  return row.weak_value !== true && (row.secret_class ?? 'secret') === 'secret' && spansOf(row).length > 0;
}

function spansOf({ text, span: one, spans }: Row): Text['spans'] {
  const points = Array.from(text);
  const bytes = (end: number): number => Buffer.byteLength(points.slice(0, end).join(''));
  const all = spans?.length ? spans : one ? [one] : [];
  return all.map(([start, end]) => ({ start: bytes(start), end: bytes(end) }));
}

/** The texts of a corpus; undefined where it is not at hand. */
export function corpusTexts(name: (typeof LABELLED)[number]): Text[] | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const rows = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return rows
    .map((line) => rowSchema.parse(JSON.parse(line)))
    .filter(counts)
    .map((row) => {
      const isClean = row.label === 'clean';
      const kind = isClean ? 'clean' : (row.context ?? row.difficulty ?? 'all');
      return { text: row.text, spans: isClean ? [] : spansOf(row), kinds: [kind] };
    });
}
