/** Gathers where a person's values were found, bounded: places beyond a number are counted. */
import type { SubjectMatch, SubjectPlace, SubjectResult } from './result.ts';

interface Entry {
  readonly entity: string;
  readonly rules: Set<string>;
  findings: number;
  readonly files: Set<string>;
  readonly places: SubjectPlace[];
}

export class SubjectCollector {
  readonly #mostPlaces: number;
  readonly #entries = new Map<string, Entry>();
  readonly #files = new Set<string>();
  readonly #lines = new Set<string>();
  #findings = 0;

  /** @param mostPlaces kept of each value */
  constructor(mostPlaces: number) {
    this.#mostPlaces = mostPlaces;
  }

  /** Files in which something was found. */
  get files(): string[] {
    return [...this.#files];
  }

  addFinding(
    value: { readonly fingerprint: string; readonly entity: string; readonly rule: string },
    place: SubjectPlace,
  ): void {
    this.addPlaces(value, [place], 1);
  }

  /** @param findings of the value, which may be more than its places */
  addPlaces(
    {
      fingerprint,
      entity,
      rule,
    }: { readonly fingerprint: string; readonly entity: string; readonly rule: string },
    places: readonly SubjectPlace[],
    findings: number,
  ): void {
    let entry = this.#entries.get(fingerprint);
    if (entry === undefined) {
      entry = { entity, rules: new Set(), findings: 0, files: new Set(), places: [] };
      this.#entries.set(fingerprint, entry);
    }
    entry.rules.add(rule);
    entry.findings += findings;
    this.#findings += findings;
    for (const place of places) {
      entry.files.add(place.path);
      this.#files.add(place.path);
      this.#lines.add(JSON.stringify([place.path, place.line]));
      if (entry.places.length < this.#mostPlaces) entry.places.push(place);
    }
  }

  result(): Pick<SubjectResult, 'totals' | 'matches'> {
    const matches = [...this.#entries].map(
      ([fingerprint, { entity, rules, findings, files, places }]): SubjectMatch => ({
        fingerprint,
        entity,
        rules: [...rules],
        findings,
        files: files.size,
        places,
        placesNotListed: findings - places.length,
      }),
    );
    matches.sort((a, b) => b.findings - a.findings);
    return {
      totals: { findings: this.#findings, files: this.#files.size, lines: this.#lines.size },
      matches,
    };
  }
}
