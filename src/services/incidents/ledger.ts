/**
 * What was booked, kept in a file, so that a restart does not book again: by keyed fingerprint for as long as values are
 * remembered, and by day for the most that may be booked.
 */
import { z } from 'zod';
import type { PrivateFolder } from '../../state/privateFolder.ts';
import { fingerprintSchema, type Incident, MOST_FINGERPRINTS } from './incident.ts';

const NAME = 'booked.json';
const SCHEMA = 'logveil.reviews/1';
const MOST_BYTES = 32 * 1024 * 1024;
/** Of all reviews together; the oldest go first. */
const MOST_KNOWN = 500_000;
const DAY_MS = 24 * 60 * 60_000;

const time = z.number().int().min(0);
const review = z.strictObject({
  incident: z.string().max(64),
  uid: z.string().regex(/^[\w-]{1,128}$/),
  bookedMs: time,
  startMs: time,
  fingerprints: z.array(fingerprintSchema).max(MOST_FINGERPRINTS),
});
const ledgerSchema = z.strictObject({ schema: z.literal(SCHEMA), reviews: z.array(review) });

type Review = z.infer<typeof review>;

export class Ledger {
  readonly #folder: PrivateFolder;
  readonly #known: Set<string>;
  #reviews: readonly Review[];
  /** Name under which a damaged file was kept; what it knew is lost. */
  readonly damaged: string | undefined;

  /**
   * @param isReadOnly leaves a damaged file where it is
   * @throws IoError
   */
  constructor(folder: PrivateFolder, rememberDays: number, nowMs: number, isReadOnly = false) {
    this.#folder = folder;
    const reviews = read(folder);
    this.damaged = reviews === undefined && !isReadOnly ? folder.setAside(NAME) : undefined;
    const from = nowMs - rememberDays * DAY_MS;
    this.#reviews = (reviews ?? []).filter(({ bookedMs }) => bookedMs > from);
    this.#known = new Set(this.#reviews.flatMap(({ fingerprints }) => fingerprints));
  }

  knows(fingerprint: string): boolean {
    return this.#known.has(fingerprint);
  }

  /** @returns how many were booked at times for which it holds */
  bookedWhere(holds: (bookedMs: number) => boolean): number {
    return this.#reviews.filter(({ bookedMs }) => holds(bookedMs)).length;
  }

  /** @throws IoError */
  add(
    incident: Incident,
    booking: { readonly uid: string; readonly startMs: number },
    bookedMs: number,
  ): void {
    const { uid, startMs } = booking;
    const { id, fingerprints } = incident;
    for (const fingerprint of fingerprints) this.#known.add(fingerprint);
    this.#reviews = bounded([...this.#reviews, { incident: id, uid, bookedMs, startMs, fingerprints }]);
    this.#folder.write(NAME, `${JSON.stringify({ schema: SCHEMA, reviews: this.#reviews })}\n`);
  }
}

/** @returns undefined when the file is damaged */
function read(folder: PrivateFolder): readonly Review[] | undefined {
  const content = folder.read(NAME, MOST_BYTES);
  if (content.kind === 'missing') return [];
  return content.kind === 'text' ? parse(content.text)?.reviews : undefined;
}

function parse(text: string): z.infer<typeof ledgerSchema> | undefined {
  try {
    return ledgerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function bounded(reviews: readonly Review[]): readonly Review[] {
  let known = 0;
  return reviews
    .toReversed()
    .filter(({ fingerprints }) => {
      known += fingerprints.length;
      return known <= MOST_KNOWN;
    })
    .toReversed();
}
