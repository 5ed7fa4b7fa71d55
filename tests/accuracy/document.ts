/** docs/accuracy.md: what is written by hand, and the tables that are measured. */
import { corpusTexts, LABELLED } from './corpora.ts';
import { measure } from './measure.ts';
import type { Score } from './score.ts';
import { accuracySet, type Labelled } from './set.ts';

const CORPORA_MARK = '<!-- corpora: measured where they are at hand -->';
const BY_HAND_MARK = '<!-- by hand -->';

const HEAD = `# Accuracy

What the rules find, and what they leave alone. \`npm run accuracy\` measures it and writes the tables below; a change of
rules that changes a figure shows here, in review. \`covered\`: every byte of the value lies in findings. \`flagged\`: texts
in which something beside the value was found.

## The set that ships

Made by \`tests/accuracy\`, the same on every machine: log lines of %FORMATS formats with a planted value each, texts in
which only a name tells a secret, and look-alikes that must stay as they are. Values are made up, with valid checksums.
Recall is measured with \`--rules all\`, look-alikes with \`default\` and \`all\`.
`;

const percent = (part: number, of: number): string => (of === 0 ? '' : `${((100 * part) / of).toFixed(1)} %`);

function row(name: string, score: Score): string {
  const { positives, covered, flagged, texts } = score;
  const found = positives === 0 ? '| | |' : `| ${covered} of ${positives} | ${percent(covered, positives)} |`;
  return `| ${name} ${found} ${flagged} of ${texts} |`;
}

function table(title: string, scores: Iterable<readonly [string, Score]>): string {
  const rows = [...scores].map(([name, score]) => row(name, score));
  return [`| ${title} | covered | | flagged |`, '|---|---|---|---|', ...rows].join('\n');
}

/** Scores of the shipped set by pack: \`group\`, and \`group: kind\`. */
export function shippedScores(): Map<string, Map<string, Score>> {
  const set = accuracySet();
  const text = ({ text, value, group, kind }: Labelled) => ({
    text,
    spans: value === undefined ? [] : [value],
    kinds: [group, `${group}: ${kind}`],
  });
  const clean = set.filter(({ value }) => value === undefined);
  return new Map([
    ['all', measure('all', set.map(text))],
    ['default', measure('default', clean.map(text))],
  ]);
}

/** The part of the document about the set that ships. */
export function shippedSection(scores: ReturnType<typeof shippedScores>): string {
  const all = scores.get('all') ?? new Map<string, Score>();
  const formats = new Set(
    accuracySet()
      .filter(({ group }) => group.includes('formats'))
      .map(({ format }) => format),
  );
  const parts = [HEAD.replace('%FORMATS', String(formats.size))];
  const groups = [...all.keys()].filter((name) => !name.includes(': '));
  const [lookAlikes] = groups.filter((name) => name === 'look-alikes');
  for (const group of groups.filter((name) => name !== lookAlikes)) {
    const kinds = [...all].filter(([name]) => name.startsWith(`${group}: `));
    const named = kinds.map(([name, score]) => [name.slice(group.length + 2), score] as const);
    const total = all.get(group);
    parts.push(
      `${table(group, [...named, ...(total === undefined ? [] : [['**all**', total] as const])])}\n`,
    );
  }
  const clean = [...scores].flatMap(([pack, byKind]) => {
    const score = byKind.get('look-alikes');
    return score === undefined ? [] : [[`\`--rules ${pack}\``, score] as const];
  });
  parts.push(`${table('look-alikes', clean)}\n`);
  return parts.join('\n');
}

/** Tables of the corpora; undefined where they are not at hand. */
function corporaSection(): string | undefined {
  const parts: string[] = [];
  for (const name of LABELLED) {
    const texts = corpusTexts(name);
    if (texts === undefined) return undefined;
    parts.push(
      `${table(
        `${name}, \`--rules all\``,
        [...measure('all', texts)].sort(([a], [b]) => (a < b ? -1 : 1)),
      )}\n`,
    );
  }
  return parts.join('\n');
}

/** @param before the document as it is: what can't be measured here is taken from it */
export function updated(before: string, shipped: string): string {
  const [, rest = ''] = before.split(`${CORPORA_MARK}\n`);
  const [corpora = '', byHand = ''] = rest.split(`${BY_HAND_MARK}\n`);
  return [shipped, `${CORPORA_MARK}\n`, corporaSection() ?? corpora, `${BY_HAND_MARK}\n`, byHand]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
}

/** The measured part of the document as it is. */
export function shippedPart(document: string): string {
  return (document.split(CORPORA_MARK)[0] ?? '').trimEnd();
}
