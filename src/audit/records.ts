/**
 * What a part tells, as bytes that can wait in memory, in a file or in Redis until it is the part's turn: records with a
 * header each. Numbers of lines are those within the part; where it begins is known when the parts before it are done.
 *
 *     type (1 byte)  line (u48)  place of the line number in the text (u32)  length (u32)  text
 */
import type { MemberFacts, Partial, RecordSink } from './scan.ts';

const TYPES = { finding: 0, partial: 1, member: 2 } as const;
const HEADER_BYTES = 1 + 6 + 4 + 4;
const FIRST_CAPACITY = 64 * 1024;
/** What has gathered is handed on from here on. */
const FLUSH_BYTES = 256 * 1024;

export class RecordWriter implements RecordSink {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;
  readonly #onFull: (bytes: Buffer) => void;

  /** @param onFull takes bytes, valid until it returns; whole records */
  constructor(onFull: (bytes: Buffer) => void) {
    this.#onFull = onFull;
  }

  finding(text: string, lineAt: number, line: number): void {
    this.#write(TYPES.finding, text, lineAt, line);
  }

  partial(partial: Partial): void {
    this.#write(TYPES.partial, JSON.stringify(partial));
  }

  member(member: MemberFacts): void {
    this.#write(TYPES.member, JSON.stringify(member));
  }

  /** Hands on what is left. */
  flush(): void {
    if (this.#length > 0) this.#onFull(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  #write(type: number, text: string, lineAt = 0, line = 0): void {
    // No character has more than three bytes a UTF-16 unit.
    this.#reserve(HEADER_BYTES + text.length * 3);
    const start = this.#length;
    const length = this.#bytes.write(text, start + HEADER_BYTES);
    this.#bytes[start] = type;
    this.#bytes.writeUIntBE(line, start + 1, 6);
    this.#bytes.writeUInt32BE(lineAt, start + 7);
    this.#bytes.writeUInt32BE(length, start + 11);
    this.#length = start + HEADER_BYTES + length;
    if (this.#length >= FLUSH_BYTES) this.flush();
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Takes records back from bytes that come in any pieces. */
export class RecordReader {
  readonly #sink: RecordTaker;
  #rest: Buffer = Buffer.alloc(0);

  constructor(sink: RecordTaker) {
    this.#sink = sink;
  }

  take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const length = bytes.readUInt32BE(at + 11);
      const start = at + HEADER_BYTES;
      if (start + length > bytes.length) break;
      const text = bytes.subarray(start, start + length);
      const type = bytes[at];
      if (type === TYPES.finding) {
        this.#sink.finding(text, bytes.readUInt32BE(at + 7), bytes.readUIntBE(at + 1, 6));
      } else if (type === TYPES.partial) this.#sink.partial(JSON.parse(text.toString()) as Partial);
      else this.#sink.member(JSON.parse(text.toString()) as MemberFacts);
      at = start + length;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}

/** As RecordSink, with a finding's text as bytes, valid until the call returns. */
export interface RecordTaker {
  finding(text: Buffer, lineAt: number, line: number): void;
  partial(partial: Partial): void;
  member(member: MemberFacts): void;
}
