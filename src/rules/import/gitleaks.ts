/**
 * Reads the TOML of gitleaks (https://github.com/gitleaks/gitleaks#configuration) and of betterleaks, which goes on from
 * it. Rules that look at paths have no meaning in a stream of lines and are left out.
 */
import type { Problem } from '../../errors.ts';
import { lintRule } from '../lint.ts';
import { readFilter } from './filter.ts';
import {
  type ForeignAllow,
  type ForeignRule,
  type ForeignRules,
  numberOf,
  tableOf,
  textOf,
  textsOf,
} from './foreign.ts';
import { readToml, type TomlDocument } from './toml.ts';

const CONFIDENCE = 0.8;

type Table = ReturnType<typeof tableOf>;

/** @returns undefined when the text is TOML of another kind; a problem when it is no TOML */
export function readGitleaks(file: string, text: string): ForeignRules | Problem | undefined {
  const document = readToml(file, text);
  if (!('value' in document)) return document;
  const raw = document.value.rules;
  if (!Array.isArray(raw)) return undefined;
  const reader = new Reader(document);
  const rules = raw.flatMap((rule, index) => reader.rule(tableOf(rule), index));
  return { format: reader.format, rules, notes: reader.notes, count: raw.length };
}

/** An allowlist with what it says about values, and what it is for. */
interface Allowlist extends ForeignAllow {
  /** Ids; all rules of the file when undefined. */
  readonly rules: readonly string[] | undefined;
}

class Reader {
  readonly notes: Problem[] = [];
  readonly format: 'gitleaks' | 'betterleaks';
  readonly #document: TomlDocument;
  readonly #global: readonly Allowlist[];
  readonly #globalEntropy: number | undefined;

  constructor(document: TomlDocument) {
    this.#document = document;
    const { value } = document;
    const isBetter = 'betterleaksMinVersion' in value || 'filter' in value || 'prefilter' in value;
    this.format = isBetter ? 'betterleaks' : 'gitleaks';
    const note = (key: string, message: string): void => {
      this.notes.push(
        document.problemAt(key in value && typeof value[key] === 'object' ? key : '', 0, key, message),
      );
    };
    if ('extend' in value) note('extend', 'not imported: rules of other files; import those files too');
    if ('prefilter' in value) note('prefilter', 'not imported: it is about paths, and lines have none');
    const filter = readFilter(textOf(value.filter) ?? '');
    if (filter.notUnderstood > 0)
      note(
        'filter',
        `not imported: ${filter.notUnderstood} parts of the filter; the rules find more without them`,
      );
    this.#globalEntropy = filter.minEntropy;
    const patterns = usable(filter.patterns, (message) => note('filter', message));
    this.#global = [
      { ...filter, patterns, rules: undefined },
      ...this.#allowlists(value, (message, key) => note(key, message)),
    ];
  }

  rule(rule: Table, index: number): ForeignRule[] {
    const noteAt = (part: string | undefined, message: string): Problem =>
      this.#document.problemAt('rules', index, part, message);
    const skip = (part: string | undefined, reason: string): ForeignRule[] => {
      const id = textOf(rule.id);
      this.notes.push(noteAt(part, `${id === undefined ? 'a rule' : nameOf(id)} is not imported: ${reason}`));
      return [];
    };
    const id = textOf(rule.id);
    const regex = textOf(rule.regex);
    if (id === undefined) return skip(undefined, 'it has no `id`');
    if (regex === undefined) {
      return 'path' in rule
        ? skip('path', 'it looks at paths only, and lines have none')
        : skip(undefined, 'it has no `regex`');
    }
    if ('path' in rule) return skip('path', 'it holds for some paths only, and lines have none');
    if (rule.skipReport === true)
      return skip('skipReport', 'its findings are parts of others and are not reported');
    const note = (message: string, key: string): void => {
      this.notes.push(noteAt(key, `${nameOf(id)}: ${message}`));
    };
    if (Array.isArray(rule.required) && rule.required.length > 0)
      note(
        'not imported: findings of other rules that it asks for near it; it finds more without them',
        'id',
      );
    const filter = readFilter(textOf(rule.filter) ?? '');
    if (filter.notUnderstood > 0)
      note(`not imported: ${filter.notUnderstood} parts of its filter; it finds more without them`, 'filter');
    const lists = [
      ...this.#global.filter(({ rules }) => rules === undefined || rules.includes(id)),
      { ...filter, patterns: usable(filter.patterns, (message) => note(message, 'filter')) },
      ...this.#allowlists(rule, note),
    ];
    const entropies = [numberOf(rule.entropy), filter.minEntropy, this.#globalEntropy].filter(
      (bits): bits is number => bits !== undefined && bits > 0,
    );
    return [
      {
        id,
        description: textOf(rule.description) ?? id,
        regex,
        // `valueGroup` in newer files of betterleaks
        group: numberOf(rule.secretGroup) || numberOf(rule.valueGroup) || undefined,
        keywords: textsOf(rule.keywords ?? []),
        minEntropy: entropies.length > 0 ? Math.max(...entropies) : undefined,
        minDigits: undefined,
        confidence: CONFIDENCE,
        allow: {
          patterns: lists.flatMap(({ patterns }) => patterns),
          stopwords: lists.flatMap(({ stopwords }) => stopwords),
        },
        examples: [],
        negativeExamples: [],
        references: [],
        noteAt,
      },
    ];
  }

  /** The allowlists of a table, old and new style. @param note told of each that is about more than values */
  #allowlists(table: Table, note: (message: string, key: string) => void): Allowlist[] {
    const key = 'allowlists' in table ? 'allowlists' : 'allowlist';
    const raw = table[key];
    const all: readonly unknown[] = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw];
    return all.map(tableOf).flatMap((list): Allowlist[] => {
      const about = ['paths', 'commits'].filter((name) => textsOf(list[name] ?? []).length > 0);
      const needsAll = textOf(list.condition)?.toUpperCase() === 'AND';
      const target = textOf(list.regexTarget) ?? 'secret';
      const regexes = textsOf(list.regexes ?? []);
      const stopwords = textsOf(list.stopwords ?? []);
      if (needsAll && (about.length > 0 || (regexes.length > 0 && stopwords.length > 0))) {
        note('an allowlist is not imported: it asks for several things at once', key);
        return [];
      }
      if (about.length > 0) note(`allowed ${about.join(' and ')} are not imported: lines have none`, key);
      const isOfSecret = target === 'secret';
      if (!isOfSecret && regexes.length > 0)
        note(`${regexes.length} allowed patterns are not imported: they look at the whole ${target}`, key);
      const rules = textsOf(list.targetRules ?? []);
      const patterns = isOfSecret ? usable(regexes, (message) => note(message, key)) : [];
      return [{ patterns, stopwords, rules: rules.length > 0 ? rules : undefined }];
    });
  }
}

/** Those of the allowed patterns that can be used. */
function usable(patterns: readonly string[], note: (message: string) => void): readonly string[] {
  const bad = new Set(lintRule({ allow: { patterns } }).map(({ path }) => Number(path[2])));
  if (bad.size > 0) note(`${bad.size} allowed patterns are not imported: RE2 does not take them`);
  return patterns.filter((_, index) => !bad.has(index));
}

/** An id comes from outside: shown where it looks like one. */
export function nameOf(id: string): string {
  return /^[\w.-]{1,80}$/.test(id) ? `\`${id}\`` : 'a rule with an unusual id';
}
