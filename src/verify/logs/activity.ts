/** What the current logs tell about the last hour: errors, fatal errors, user actions, and lines outside business hours. */

import type { Deployment } from '../deployment.ts';
import { eachLog } from './eachLog.ts';
import type { Gap, LogFile } from './files.ts';
import { lineFacts } from './line.ts';
import { LogTail } from './tail.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a longer line the begin is enough. */
const MOST_LINE = 256 * 1024;
const LF = 0x0a;
/** A clock may be a little ahead of ours. */
const AHEAD_MS = 5 * 60_000;
const MOST_PLACES = 10;

interface Place {
  readonly path: string;
  /** Counts from 1; undefined where the lines before were not counted. */
  readonly line: number | undefined;
  /** In bytes from the file's begin. */
  readonly offset: number;
}

export interface Activity {
  readonly files: number;
  readonly gaps: readonly Gap[];
  readonly isStale: boolean;
  readonly lines: number;
  /** Lines with a time of their own. */
  readonly timed: number;
  readonly fatals: number;
  readonly fatalPlaces: readonly Place[];
  /** In the last hour, fatal ones included. */
  readonly errors: number;
  /** Errors an hour: more than were seen where the looked-at part goes back less than an hour. */
  readonly errorsPerHour: number;
  readonly warnings: number;
  readonly successes: number;
  readonly failures: number;
  /** Lines of the last day that may be written inside business hours only. */
  readonly outside: number;
  readonly outsidePlaces: readonly Place[];
  readonly bound: number;
  /** Shortest time the looked-at part of a file goes back, at most an hour. */
  readonly coveredMs: number;
  /** Whether it was ended before all was looked at. */
  readonly isCut: boolean;
}

/** @param isOpen of the business hours, by milliseconds since 1970 */
export async function readActivity(
  deployment: Deployment,
  isOpen: (instantMs: number) => boolean,
  signal: AbortSignal,
): Promise<Activity> {
  const count = new Count(deployment, isOpen, Date.now());
  const { files, gaps, isStale, isCut } = await eachLog(
    deployment,
    (file, mostBytes) => count.read(file, mostBytes, signal),
    signal,
  );
  return { ...count.result(), files, gaps, isStale, isCut };
}

class Count {
  readonly #deployment: Deployment;
  readonly #isOpen: (instantMs: number) => boolean;
  readonly #now: number;
  readonly #success: readonly string[];
  readonly #failure: readonly string[];
  readonly #only: readonly string[];
  #lines = 0;
  #timed = 0;
  #fatals = 0;
  #errors = 0;
  #errorsPerHour = 0;
  #warnings = 0;
  #successes = 0;
  #failures = 0;
  #outside = 0;
  #bound = 0;
  #coveredMs = HOUR_MS;
  readonly #fatalPlaces: Place[] = [];
  readonly #outsidePlaces: Place[] = [];

  constructor(deployment: Deployment, isOpen: (instantMs: number) => boolean, now: number) {
    this.#deployment = deployment;
    this.#isOpen = isOpen;
    this.#now = now;
    const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());
    this.#success = lower(deployment.activity.success);
    this.#failure = lower(deployment.activity.failure);
    this.#only = lower(deployment.insideHours);
  }

  async read(file: LogFile, most: number, signal: AbortSignal): Promise<void> {
    const tail = await LogTail.open(file, most);
    try {
      const state: FileState = { line: tail.isWhole ? 1 : undefined, offset: tail.start, errors: 0 };
      await this.#readLines(file, tail, state, signal);
      const { earliest } = state;
      const backMs = earliest === undefined ? HOUR_MS : Math.max(this.#now - earliest, 1000);
      const coveredMs = tail.isWhole ? HOUR_MS : Math.min(HOUR_MS, backMs);
      this.#coveredMs = Math.min(this.#coveredMs, coveredMs);
      this.#errorsPerHour += state.errors * (HOUR_MS / coveredMs);
    } finally {
      await tail.close();
    }
  }

  async #readLines(file: LogFile, tail: LogTail, state: FileState, signal: AbortSignal): Promise<void> {
    let carry: Buffer[] = [];
    let carried = 0;
    const end = (rest: Buffer): void => {
      const length = carried + rest.length;
      const line = carried === 0 ? rest : Buffer.concat([...carry, rest]);
      this.#take(file, line.subarray(0, MOST_LINE).toString('utf8').replace(/\r$/, ''), state);
      state.offset += length + 1;
      if (state.line !== undefined) state.line++;
      carry = [];
      carried = 0;
    };
    for await (const chunk of tail.chunks(signal)) {
      let from = 0;
      for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
        end(chunk.subarray(from, at));
        from = at + 1;
      }
      const rest = chunk.subarray(from);
      // Of a line without end only the begin is kept.
      if (carried < MOST_LINE && rest.length > 0) carry.push(Buffer.from(rest));
      carried += rest.length;
    }
    if (carried > 0) end(Buffer.alloc(0));
  }

  #take(file: LogFile, line: string, state: FileState): void {
    if (line === '') return;
    this.#lines++;
    const { gravity, timeMs } = lineFacts(line, file.modifiedMs, this.#deployment.zone);
    if (timeMs !== undefined) {
      this.#timed++;
      state.earliest = Math.min(state.earliest ?? timeMs, timeMs);
      state.last = timeMs;
    }
    // A line without a time belongs to the one before it; before all of them it is as old as the file.
    const writtenMs = timeMs ?? state.last ?? file.modifiedMs;
    if (writtenMs > this.#now + AHEAD_MS) return;
    const place = { path: file.path, line: state.line, offset: state.offset };
    if (this.#now - writtenMs <= DAY_MS) this.#takeHours(line, timeMs, place);
    if (this.#now - writtenMs > HOUR_MS) return;
    if (gravity === 'fatal') {
      this.#fatals++;
      if (this.#fatalPlaces.length < MOST_PLACES) this.#fatalPlaces.push(place);
    }
    if (gravity === 'fatal' || gravity === 'error') {
      this.#errors++;
      state.errors++;
    } else if (gravity === 'warning') this.#warnings++;
    if (holdsOne(line, this.#failure)) this.#failures++;
    else if (holdsOne(line, this.#success)) this.#successes++;
  }

  #takeHours(line: string, timeMs: number | undefined, place: Place): void {
    if (timeMs === undefined || !holdsOne(line, this.#only)) return;
    this.#bound++;
    if (this.#isOpen(timeMs)) return;
    this.#outside++;
    if (this.#outsidePlaces.length < MOST_PLACES) this.#outsidePlaces.push(place);
  }

  result(): Omit<Activity, 'files' | 'gaps' | 'isStale' | 'isCut'> {
    return {
      lines: this.#lines,
      timed: this.#timed,
      fatals: this.#fatals,
      fatalPlaces: this.#fatalPlaces,
      errors: this.#errors,
      errorsPerHour: Math.round(this.#errorsPerHour),
      warnings: this.#warnings,
      successes: this.#successes,
      failures: this.#failures,
      outside: this.#outside,
      outsidePlaces: this.#outsidePlaces,
      bound: this.#bound,
      coveredMs: this.#coveredMs,
    };
  }
}

interface FileState {
  line: number | undefined;
  offset: number;
  /** First time told in the looked-at part, milliseconds since 1970. */
  earliest?: number;
  /** Time of the last line that told one. */
  last?: number;
  errors: number;
}

function holdsOne(line: string, texts: readonly string[]): boolean {
  if (texts.length === 0) return false;
  const lower = line.toLowerCase();
  return texts.some((text) => lower.includes(text));
}
