/** From a rule of another tool to one of ours, without examples: those need the matcher. */
import { SEVERITIES } from '../../findings/finding.ts';
import type { Rule } from '../schema.ts';
import type { ForeignRule } from './foreign.ts';
import { outerGroups, translateRegex } from './regex.ts';

/** A rule as it will be written; what has its default is left out. */
export type RawRule = Pick<Rule, 'id' | 'description' | 'entity' | 'category' | 'severity' | 'confidence'> & {
  readonly gdpr: readonly string[];
  readonly patterns: readonly { readonly regex: string; readonly group?: number }[];
  readonly keywords?: readonly string[];
  readonly entropy?: { readonly min: number };
  readonly token?: { readonly minDigits: number };
  readonly allow?: { readonly patterns?: readonly string[]; readonly stopwords?: readonly string[] };
  readonly references?: readonly string[];
};

/** What became of it: a rule with remarks, or the reason why there is none. */
export type Converted =
  | { readonly rule: RawRule; readonly remarks: readonly string[] }
  | { readonly refused: string; readonly part: string };

const MOST_ID = 64;
const MOST_DESCRIPTION = 300;
const MOST_KEYWORD = 64;

/** @param prefix before the id, in kebab-case or empty */
export function convertRule(foreign: ForeignRule, prefix: string): Converted {
  const translated = translateRegex(foreign.regex);
  if ('refused' in translated) return { refused: translated.refused, part: 'regex' };
  const { source, notes } = translated;
  const remarks = [...notes];
  const groups = foreign.group === undefined ? outerGroups(source) : [foreign.group];
  if (groups.length > 1) remarks.push(`its pattern has ${groups.length} groups: each of them is redacted`);
  const patterns =
    groups.length === 0 ? [{ regex: source }] : groups.map((group) => ({ regex: source, group }));
  const id = toId(prefix + foreign.id);
  if (id === undefined) return { refused: 'no id can be made of its id', part: 'id' };
  const keywords = usableKeywords(foreign, source);
  if (foreign.keywords.length > 0 && keywords.length === 0) {
    remarks.push('its keywords are looked for in a whole file there; without them it may find more');
  }
  const patternsAllowed = [...new Set(foreign.allow.patterns)];
  const stopwords = [...new Set(foreign.allow.stopwords)].filter((word) => word !== '');
  const rule: RawRule = {
    id,
    description: foreign.description.replace(/\s+/g, ' ').trim().slice(0, MOST_DESCRIPTION),
    entity: toEntity(id),
    category: 'secret',
    gdpr: ['art32'],
    severity: SEVERITIES[2],
    confidence: foreign.confidence,
    patterns,
    ...(keywords.length > 0 && { keywords }),
    ...(foreign.minEntropy !== undefined && { entropy: { min: foreign.minEntropy } }),
    ...(foreign.minDigits !== undefined && { token: { minDigits: foreign.minDigits } }),
    ...(patternsAllowed.length + stopwords.length > 0 && {
      allow: {
        ...(patternsAllowed.length > 0 && { patterns: patternsAllowed }),
        ...(stopwords.length > 0 && { stopwords }),
      },
    }),
    ...(foreign.references.length > 0 && { references: foreign.references }),
  };
  return { rule, remarks };
}

/** Those keywords that the pattern itself asks for: others may stand in another line of the file. */
function usableKeywords({ keywords }: ForeignRule, source: string): string[] {
  const plain = source.toLowerCase().replaceAll('\\', '');
  const isUsable = (word: string): boolean =>
    word.length > 0 && word.length <= MOST_KEYWORD && plain.includes(word.toLowerCase());
  return keywords.length > 0 && keywords.every(isUsable) ? [...new Set(keywords)] : [];
}

/** The id in kebab-case; undefined when nothing is left of it. */
function toId(text: string): string | undefined {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST_ID)
    .replace(/^-+|-+$/g, '');
  return id === '' ? undefined : id;
}

/** `acme-api-key` to `ACME_API_KEY`; an entity begins with a letter. */
export function toEntity(id: string): string {
  const entity = id.toUpperCase().replaceAll('-', '_');
  return /^[A-Z]/.test(entity)
    ? entity.slice(0, MOST_ID)
    : `KEY_${entity}`.slice(0, MOST_ID).replace(/_+$/, '');
}
