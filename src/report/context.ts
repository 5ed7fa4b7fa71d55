/** What the sections are made of: the facts, and how the language of the report writes them. */
import type { AuditResult } from '../audit/result.ts';
import type { Controller } from '../config/controller.ts';
import type { Category, Severity } from '../findings/finding.ts';
import type { Summary } from '../findings/summary.ts';
import type { SubjectResult } from '../subject/result.ts';
import type { Block, Cell, ToneText } from './document.ts';
import type { Language } from './messages/catalogue.ts';
import type { MessageKey, Messages } from './messages/en.ts';

/** A file the report was made of. */
export interface InputFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Its schema, such as `logveil.audit/1`. */
  readonly schema: string;
}

/** A file that a scrub has rewritten, of its manifest. */
export interface ScrubbedFile {
  readonly path: string;
  readonly time: string;
  readonly valuesChanged: number;
  readonly sha256After: string;
}

/** All that goes into a report. */
export interface ReportFacts {
  /** The last audit, which the report is about. */
  readonly audit: AuditResult;
  /** The ones before, the earliest first. */
  readonly earlier: readonly AuditResult[];
  /** Of redactions. */
  readonly summaries: readonly Summary[];
  readonly subjects: readonly SubjectResult[];
  readonly scrubbed: readonly ScrubbedFile[];
  readonly controller: Controller | undefined;
  readonly inputs: readonly InputFile[];
  readonly made: Date;
  readonly version: string;
  readonly isSigned: boolean;
}

export interface Titled {
  readonly id: string;
  readonly blocks: readonly Block[];
}

const DAY_MS = 86_400_000;

export class Context {
  readonly facts: ReportFacts;
  readonly language: Language;
  readonly #messages: Messages;
  readonly #number: Intl.NumberFormat;
  readonly #short: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #decimal: Intl.NumberFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #instant: Intl.DateTimeFormat;

  constructor(facts: ReportFacts, language: Language, messages: Messages) {
    this.facts = facts;
    this.language = language;
    this.#messages = messages;
    const locale = language === 'en' ? 'en-GB' : language;
    this.#number = new Intl.NumberFormat(locale);
    this.#short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
    this.#percent = new Intl.NumberFormat(locale, {
      style: 'percent',
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    });
    this.#decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    this.#date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
    this.#instant = new Intl.DateTimeFormat(locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'UTC',
    });
  }

  /** A message, its `{names}` replaced. */
  t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
    return this.#messages[key].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? this.number(value) : (value ?? '');
    });
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** `12k` */
  short(value: number): string {
    return value < 100_000 ? this.number(value) : this.#short.format(value);
  }

  decimal(value: number): string {
    return this.#decimal.format(value);
  }

  /** A share, 0 to 1. One that is nearly none or nearly all does not show as such. */
  percent(share: number): string {
    if (share > 0 && share < 0.001) return `< ${this.#percent.format(0.001)}`;
    if (share > 0.999 && share < 1) return `> ${this.#percent.format(0.999)}`;
    return this.#percent.format(share);
  }

  /** @param value exact, or estimated with a standard error */
  distinct({ count, exact, error }: { count: number; exact: boolean; error: number }): string {
    return exact ? this.number(count) : `≈ ${this.number(count)} (± ${this.percent(error)})`;
  }

  size(bytes: number): string {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let value = bytes;
    let unit = 0;
    for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
    return `${new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 }).format(value)} ${units[unit]}`;
  }

  /** @param day `YYYY-MM-DD` */
  day(day: string): string {
    return this.#date.format(new Date(`${day}T00:00:00Z`));
  }

  instant(time: string | Date): string {
    return `${this.#instant.format(typeof time === 'string' ? new Date(time) : time)} UTC`;
  }

  severity(severity: Severity): ToneText {
    return { text: this.t(`severity.${severity}`), tone: severity };
  }

  category(category: Category): string {
    return this.t(`category.${category}`);
  }

  /** What the controller has told, or that it is missing. */
  told(text: string | undefined): Cell {
    return text === undefined || text.trim() === '' ? this.missing : text;
  }

  toldList(texts: readonly string[] | undefined): Cell | readonly Cell[] {
    return texts === undefined || texts.length === 0 ? this.missing : texts;
  }

  get missing(): ToneText {
    return { text: this.t('missing'), tone: 'missing' };
  }

  get unknown(): ToneText {
    return { text: '–', tone: 'muted' };
  }

  code(text: string): ToneText {
    return { text, isCode: true };
  }

  /** How old a day was when the audit ended, in whole days. */
  ageOf(day: string): number {
    const ended = Date.parse(this.facts.audit.run.ended.slice(0, 10));
    return Math.max(0, Math.round((ended - Date.parse(day)) / DAY_MS));
  }

  /** How many rows are not shown. */
  more(hidden: number): string | undefined {
    return hidden > 0 ? this.t('more', { count: hidden }) : undefined;
  }
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
