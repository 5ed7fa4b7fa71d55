/** The distinct values of an audit by their fingerprints, with places: bounded, and what does not fit is counted. */
import type { AuditValue, Location } from './result.ts';
import { type CellFacts, NO_DAY, type RuleFacts } from './scan.ts';
import type { TextPlace } from './textColumns.ts';

export interface ValueLimits {
  /** Distinct values listed. */
  readonly maxValues: number;
  /** Places of one value. */
  readonly maxLocations: number;
}

/** Places of all values together: some 100 bytes each. */
const MOST_LOCATIONS = 1_000_000;

/** A place; with columns of text where they were asked for. */
export interface ListedPlace extends Location {
  readonly text?: TextPlace;
}

export interface ListedValue extends AuditValue {
  readonly locations: ListedPlace[];
}

interface KeptValue {
  readonly rule: number;
  findings: number;
  firstDay: string;
  lastDay: string;
  /** Path index, line, column, offset, length, day. */
  readonly places: [
    path: number,
    line: number,
    column: number,
    offset: number,
    length: number,
    day: string,
    text?: TextPlace,
  ][];
  /** Rule, service and host it was last counted with. */
  lastCell: string;
}

export interface ValueListState {
  readonly values: readonly (readonly [string, KeptValue])[];
  readonly paths: readonly string[];
  readonly findingsNotListed: number;
  readonly places: number;
}

export class ValueList {
  findingsNotListed = 0;
  readonly #limits: ValueLimits;
  readonly #values = new Map<string, KeptValue>();
  readonly #paths: string[] = [];
  #places = 0;

  constructor(limits: ValueLimits, state?: ValueListState) {
    this.#limits = limits;
    if (state === undefined) return;
    this.findingsNotListed = state.findingsNotListed;
    this.#values = new Map(state.values);
    this.#paths = [...state.paths];
    this.#places = state.places;
  }

  get size(): number {
    return this.#values.size;
  }

  /** @returns whether the value is known with this very rule, service and host, and need not be counted again */
  add(cell: CellFacts, path: string, baseLine: number): boolean {
    let value = this.#values.get(cell.fingerprint);
    const cellName = `${cell.rule}\0${cell.service}\0${cell.host}`;
    if (value === undefined) {
      if (this.#values.size >= this.#limits.maxValues) {
        this.findingsNotListed += cell.findings;
        return false;
      }
      const { rule, firstDay, lastDay } = cell;
      value = { rule, findings: 0, firstDay, lastDay, places: [], lastCell: '' };
      this.#values.set(cell.fingerprint, value);
    }
    value.findings += cell.findings;
    if (cell.firstDay !== NO_DAY && (value.firstDay === NO_DAY || cell.firstDay < value.firstDay)) {
      value.firstDay = cell.firstDay;
    }
    if (cell.lastDay > value.lastDay) value.lastDay = cell.lastDay;
    for (const [line, column, offset, length, day, text] of cell.places) {
      if (value.places.length >= this.#limits.maxLocations || this.#places >= MOST_LOCATIONS) break;
      const place = [this.#pathIndex(path), line + baseLine + 1, column, offset, length, day] as const;
      value.places.push(text === undefined ? [...place] : [...place, text]);
      this.#places++;
    }
    const isKnown = value.lastCell === cellName;
    value.lastCell = cellName;
    return isKnown;
  }

  has(fingerprint: string): boolean {
    return this.#values.has(fingerprint);
  }

  fingerprints(): IterableIterator<string> {
    return this.#values.keys();
  }

  /** In the order in which they were met. */
  *result(rules: readonly RuleFacts[]): Generator<ListedValue> {
    for (const [fingerprint, value] of this.#values) {
      const { id, entity, category, severity } = rules[value.rule] as RuleFacts;
      const locations = value.places.map(([path, line, column, offset, length, day, text]): ListedPlace => {
        const place = { path: this.#paths[path] as string, line, column, offset, length };
        return { ...place, ...(day !== NO_DAY && { day }), ...(text && { text }) };
      });
      yield {
        fingerprint,
        rule: id,
        entity,
        category,
        severity,
        findings: value.findings,
        ...(value.firstDay !== NO_DAY && { firstDay: value.firstDay, lastDay: value.lastDay }),
        locations,
        locationsNotListed: value.findings - locations.length,
      };
    }
  }

  get state(): ValueListState {
    const { findingsNotListed } = this;
    return { values: [...this.#values], paths: this.#paths, findingsNotListed, places: this.#places };
  }

  #pathIndex(path: string): number {
    if (this.#paths.at(-1) !== path) this.#paths.push(path);
    return this.#paths.length - 1;
  }
}
