/** Writes findings one by one, their line numbers put in; bounded, so that no audit fills the disk unasked. */
import type { FileWriter } from '../../sinks/fileWriter.ts';

const FLUSH_BYTES = 512 * 1024;
const DIGITS = 20;

export class FindingsOutput {
  /** Bytes and findings that were written, and findings that were left. */
  bytes = 0;
  written = 0;
  notWritten = 0;
  readonly #writer: FileWriter;
  readonly #most: number;
  #buffer = Buffer.allocUnsafe(2 * FLUSH_BYTES);
  #length = 0;

  /** @param most findings to write */
  constructor(writer: FileWriter, most: number) {
    this.#writer = writer;
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#length >= FLUSH_BYTES;
  }

  /** Takes a text as it is. */
  text(text: string): void {
    const bytes = Buffer.from(text);
    this.#reserve(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** Takes a finding's text, with the number `line` to be put in at `lineAt`. */
  finding(text: Buffer, lineAt: number, line: number): void {
    if (this.written >= this.#most) {
      this.notWritten++;
      return;
    }
    this.written++;
    this.#reserve(text.length + DIGITS);
    const buffer = this.#buffer;
    let at = this.#length;
    at += text.copy(buffer, at, 0, lineAt);
    at += buffer.write(String(line), at, 'latin1');
    at += text.copy(buffer, at, lineAt);
    this.#length = at;
  }

  /** @throws BrokenPipe, IoError */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const length = this.#length;
    this.#length = 0;
    await this.#writer.write(this.#buffer.subarray(0, length));
    this.bytes += length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
