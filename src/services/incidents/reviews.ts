/**
 * Books incident reviews: leaks that no review has dealt with yet become one incident, which gets the first free slot
 * within business hours. At most so many a day; what can't be booked now waits on the disk, and goes into the next one.
 *
 * An incident is on the disk before Cal.com is asked for its booking, and stays until the booking is in the ledger: a
 * process that dies in between leaves enough to find the booking again instead of making another.
 */
import { existsSync } from 'node:fs';
import type { IncidentReviewsConfig } from '../../config/calcom.ts';
import { LogveilError } from '../../errors.ts';
import { SEVERITIES } from '../../findings/finding.ts';
import { PrivateFolder } from '../../state/privateFolder.ts';
import type { BusinessHours } from '../businessHours.ts';
import type { Booking, CalcomClient, Slot } from '../calcom/client.ts';
import { CalcomError } from '../calcom/errors.ts';
import { type Incident, type Leak, merged, toIncident } from './incident.ts';
import { invitationOf } from './invitation.ts';
import { Ledger } from './ledger.ts';
import { IncidentSpool } from './spool.ts';

/** Slots that may turn out to be taken. */
const MOST_SLOTS = 3;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface ReviewsOptions {
  readonly config: IncidentReviewsConfig;
  readonly hours: BusinessHours;
  /** Zone of the business hours. */
  readonly zone: string;
  /** Undefined in a dry run: nothing is asked of Cal.com then. */
  readonly client: CalcomClient | undefined;
  readonly now?: () => number;
}

/** Why an incident waits: the day's reviews are booked, no slot is free, another process is at it, or Cal.com is down. */
export type WaitReason = 'quota' | 'no-slot' | 'busy' | 'unavailable' | 'refused';

export type ReviewOutcome =
  /** No leak that a review has not dealt with. */
  | { readonly kind: 'nothing' }
  /** Dry run. `earliestMs` is undefined where business hours never open. */
  | { readonly kind: 'would-book'; readonly incident: Incident; readonly earliestMs: number | undefined }
  | { readonly kind: 'booked'; readonly incident: Incident; readonly booking: Booking }
  | {
      readonly kind: 'waits';
      readonly incident: Incident;
      readonly reason: WaitReason;
      /** Of `unavailable` and `refused`. */
      readonly error?: LogveilError;
      /** False where too many wait already; the next audit finds its leaks again. */
      readonly isKept: boolean;
    };

interface Kept {
  readonly incident: Incident;
  readonly isKept: boolean;
}

export interface ReviewReport {
  readonly outcome: ReviewOutcome;
  /** Files of its own that were damaged, and the names they are kept under. */
  readonly damaged: readonly string[];
}

export class IncidentReviews {
  readonly #options: ReviewsOptions;
  readonly #now: () => number;

  constructor(options: ReviewsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Deals with leaks, and with what waits from earlier runs.
   * @param leaks each value once; milder ones than asked for are passed over
   * @throws IoError when what is kept can't be read or written
   */
  async review(leaks: readonly Leak[]): Promise<ReviewReport> {
    const { config, client } = this.#options;
    const severe = SEVERITIES.slice(SEVERITIES.indexOf(config.minSeverity));
    const wanted = leaks.filter(({ severity }) => severe.includes(severity));
    if (client === undefined) return this.#tell(wanted);
    const folder = new PrivateFolder(config.folder);
    const spool = new IncidentSpool(folder);
    const unlock = folder.lock();
    if (unlock === undefined) return { outcome: this.#leave(spool, wanted), damaged: [] };
    try {
      const ledger = new Ledger(folder, config.rememberDays, this.#now());
      const outcome = await this.#book(client, wanted, ledger, spool);
      return {
        outcome,
        damaged: [...(ledger.damaged === undefined ? [] : [ledger.damaged]), ...spool.damaged],
      };
    } finally {
      unlock();
    }
  }

  /** The dry run: writes nothing, calls nobody. */
  #tell(leaks: readonly Leak[]): ReviewReport {
    const { config, hours } = this.#options;
    const ledger = existsSync(config.folder)
      ? new Ledger(new PrivateFolder(config.folder), config.rememberDays, this.#now(), true)
      : undefined;
    const fresh = leaks.filter(({ fingerprint }) => ledger?.knows(fingerprint) !== true);
    if (fresh.length === 0) return { outcome: { kind: 'nothing' }, damaged: [] };
    const earliestMs = hours.nextOpening(this.#now() + config.noticeMinutes * MINUTE_MS);
    const incident = toIncident(fresh, this.#now());
    return { outcome: { kind: 'would-book', incident, earliestMs }, damaged: [] };
  }

  /** Another process holds the ledger: it, or the next run, takes what is left here. */
  #leave(spool: IncidentSpool, leaks: readonly Leak[]): ReviewOutcome {
    if (leaks.length === 0) return { kind: 'nothing' };
    const incident = toIncident(leaks, this.#now());
    return { kind: 'waits', incident, reason: 'busy', isKept: spool.put(incident) };
  }

  async #book(
    client: CalcomClient,
    leaks: readonly Leak[],
    ledger: Ledger,
    spool: IncidentSpool,
  ): Promise<ReviewOutcome> {
    const isNew = ({ fingerprints }: Incident): boolean => fingerprints.some((one) => !ledger.knows(one));
    const all = spool.waiting();
    for (const incident of all) if (!isNew(incident)) spool.remove(incident);
    const waiting = all.filter(isNew);
    const waits = new Set(waiting.flatMap(({ fingerprints }) => fingerprints));
    const fresh = leaks.filter(({ fingerprint }) => !ledger.knows(fingerprint) && !waits.has(fingerprint));
    const parts = [...waiting, ...(fresh.length === 0 ? [] : [toIncident(fresh, this.#now())])];
    if (parts.length === 0) return { kind: 'nothing' };
    let kept: Kept | undefined;
    try {
      const found = await this.#findAsked(client, waiting, ledger, spool);
      const left = parts.filter(isNew);
      if (left.length === 0 && found !== undefined) return found;
      const slots = this.#isQuotaUsed(ledger) ? undefined : await this.#freeSlots(client);
      kept = this.#keep(left, spool, slots !== undefined && slots.length > 0) as Kept;
      return await this.#bookOne(client, kept, slots, ledger, spool);
    } catch (error) {
      if (!(error instanceof LogveilError) || error.code === 'LOGVEIL_IO') throw error;
      // What may be booked already keeps its id, by which it can be found.
      kept ??= this.#keep(
        parts.filter((part) => isNew(part) && !part.isAsked),
        spool,
        false,
      );
      const incident = kept?.incident ?? (parts[0] as Incident);
      const reason = isRefusal(error) ? 'refused' : 'unavailable';
      return { kind: 'waits', incident, reason, error, isKept: kept?.isKept ?? true };
    }
  }

  #isQuotaUsed(ledger: Ledger): boolean {
    const { config, hours } = this.#options;
    const today = hours.dayOf(this.#now());
    return ledger.bookedWhere((bookedMs) => hours.dayOf(bookedMs) === today) >= config.perDay;
  }

  /**
   * Takes up bookings that earlier runs asked for, without having heard what became of them.
   * @returns the last of them
   */
  async #findAsked(
    client: CalcomClient,
    waiting: readonly Incident[],
    ledger: Ledger,
    spool: IncidentSpool,
  ): Promise<ReviewOutcome | undefined> {
    let found: ReviewOutcome | undefined;
    for (const incident of waiting.filter(({ isAsked }) => isAsked)) {
      const booking = await client.findBooking(incident.id, this.#options.config.eventTypeId);
      if (booking === undefined) continue;
      ledger.add(incident, booking, this.#now());
      spool.remove(incident);
      found = { kind: 'booked', incident, booking };
    }
    return found;
  }

  /** @param slots undefined where no more may be booked today */
  async #bookOne(
    client: CalcomClient,
    { incident, isKept }: Kept,
    slots: readonly Slot[] | undefined,
    ledger: Ledger,
    spool: IncidentSpool,
  ): Promise<ReviewOutcome> {
    const { config, zone } = this.#options;
    for (const { startMs } of slots ?? []) {
      try {
        const booking = await client.book(invitationOf(incident, config, zone, startMs));
        ledger.add(incident, booking, this.#now());
        spool.remove(incident);
        return { kind: 'booked', incident, booking };
      } catch (error) {
        if (!(error instanceof CalcomError && error.kind === 'conflict')) throw error;
      }
    }
    return { kind: 'waits', incident, reason: slots === undefined ? 'quota' : 'no-slot', isKept };
  }

  /** Free slots that lie within business hours whole. */
  async #freeSlots(client: CalcomClient): Promise<Slot[]> {
    const { config, hours } = this.#options;
    const fromMs = hours.nextOpening(this.#now() + config.noticeMinutes * MINUTE_MS);
    if (fromMs === undefined) return [];
    const slots = await client.slots(config.eventTypeId, fromMs, fromMs + config.horizonDays * DAY_MS);
    return slots
      .filter(({ startMs, endMs }) => hours.nextSlot(startMs, (endMs - startMs) / MINUTE_MS) === startMs)
      .slice(0, MOST_SLOTS);
  }

  /**
   * Makes one incident of all parts, and keeps it on the disk in their place.
   * @param isAsked whether its booking is about to be asked for
   */
  #keep(parts: readonly Incident[], spool: IncidentSpool, isAsked: boolean): Kept | undefined {
    if (parts.length === 0) return undefined;
    const one = merged(parts);
    const incident = { ...one, isAsked: isAsked || one.isAsked };
    const isKept = spool.put(incident);
    if (isKept) for (const part of parts) if (part.id !== incident.id) spool.remove(part);
    return { incident, isKept };
  }
}

/** Only a person can mend it: the key, the event type, the attendee. */
function isRefusal(error: LogveilError): boolean {
  return (
    error instanceof CalcomError &&
    (error.kind === 'auth' ||
      error.kind === 'forbidden' ||
      error.kind === 'not-found' ||
      error.kind === 'validation')
  );
}
