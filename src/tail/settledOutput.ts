/**
 * What a lane has redacted and not handed on yet. Bytes go on only when the place in the files that they stand for is
 * known, except where that would take too much memory; and in whole lines.
 */
import type { FilePlace } from './places.ts';

const LF = Buffer.from('\n');
/** What is not settled waits in memory up to here: the longest line that goes to the output whole. */
const MOST_PENDING_BYTES = 16 * 1024 * 1024;

/** @param place before which all has been handed on with these bytes; undefined when that is not known */
export type Emit = (bytes: Buffer, place: FilePlace | undefined) => Promise<void>;

export class SettledOutput {
  readonly #emit: Emit;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Of the stream's output, what has been handed on. */
  #emitted = 0;
  /** Whether the output has something that no place stands for. */
  isDirty = false;
  /** Before it all has been handed on. */
  place: FilePlace | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Bytes that wait. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Another stream begins, which has written so many bytes before. */
  begin(bytesOut: number): void {
    this.#emitted = bytesOut;
  }

  /** What waits is made anew. */
  drop(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  /** Bytes that go nowhere. */
  pass(out: Buffer): void {
    this.#emitted += out.length;
  }

  keep(out: Buffer): void {
    if (out.length === 0) return;
    // What a stream returns is valid until its next call only.
    this.#pending.push(Buffer.from(out));
    this.#pendingBytes += out.length;
  }

  /** Keeps bytes that do not come from the stream. */
  keepOutside(bytes: Buffer): void {
    this.keep(bytes);
    this.#emitted -= bytes.length;
  }

  /** Takes bytes for whose end no place is known yet. */
  async hold(out: Buffer): Promise<void> {
    this.keep(out);
    if (this.#pendingBytes <= MOST_PENDING_BYTES) return;
    this.isDirty = true;
    await this.emitAll(undefined);
  }

  /** Hands on all up to a place, and keeps the rest. @param bytesOut what the stream had written when it came there */
  async release(out: Buffer, bytesOut: number, place: FilePlace): Promise<void> {
    const ready = bytesOut - this.#emitted;
    this.#emitted = bytesOut;
    if (this.#pendingBytes === 0 && ready === out.length) return this.#handOn(out, place);
    this.keep(out);
    const all = Buffer.concat(this.#pending);
    this.#pending = ready < all.length ? [all.subarray(ready)] : [];
    this.#pendingBytes = all.length - ready;
    await this.#handOn(all.subarray(0, ready), place);
  }

  /** Hands on all there is, ended by a line end, so that another file's lines do not go on in it. */
  async emitAll(place: FilePlace | undefined): Promise<void> {
    const all = Buffer.concat(this.#pending);
    this.drop();
    this.#emitted += all.length;
    if (place !== undefined) {
      this.isDirty = false;
      this.place = place;
    }
    const isOpen = all.length > 0 && all[all.length - 1] !== LF[0];
    await this.#emit(isOpen ? Buffer.concat([all, LF]) : all, place);
  }

  async #handOn(bytes: Buffer, place: FilePlace): Promise<void> {
    this.isDirty = false;
    this.place = place;
    // A place moves also without bytes: lines may have been dropped.
    await this.#emit(bytes, place);
  }
}
