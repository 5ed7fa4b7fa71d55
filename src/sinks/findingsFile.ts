/**
 * Findings as JSON lines in a file only its owner can read. A disk that fills up must not stop the redacted stream:
 * what can't be written is counted and reported.
 */
import { closeSync, fstatSync, ftruncateSync, statSync } from 'node:fs';
import type { Finding } from '../findings/finding.ts';
import { takeExclusively } from './exclusive.ts';
import { FileWriter } from './fileWriter.ts';
import { openOwnerOnly } from './ownerOnly.ts';

export class FindingsFile {
  readonly #fd: number;
  readonly #release: () => void;
  readonly #writer: FileWriter;
  #lines: string[] = [];
  /** Findings in them: a line may be the text of several. */
  #count = 0;
  /** Whole lines in the file, in bytes. */
  #writtenBytes = 0;
  #lost = 0;
  #failure: string | undefined;

  /** @throws IoError when the file can't be created */
  constructor(path: string) {
    // Before it is emptied: another process may be writing to it.
    const isShareable = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
    this.#release = isShareable ? () => {} : takeExclusively(path);
    try {
      this.#fd = openOwnerOnly(path);
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#writer = new FileWriter(this.#fd, `${path}: findings`);
  }

  /** Findings that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  /** What went wrong, for people; undefined when nothing did. */
  get failure(): string | undefined {
    return this.#failure;
  }

  readonly add = (finding: Finding): void => {
    this.addText(JSON.stringify(finding), 1);
  };

  /** @param text JSON lines without the last line end @param count findings in it */
  addText(text: string, count: number): void {
    this.#lines.push(text);
    this.#count += count;
  }

  /** Writes what was added; never throws. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    const count = this.#count;
    this.#lines = [];
    this.#count = 0;
    if (this.#failure === undefined) {
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      try {
        await this.#writer.write(bytes);
        this.#writtenBytes += bytes.length;
        return;
      } catch (error) {
        this.#failure = (error as Error).message;
        this.#cutTornLine();
      }
    }
    this.#lost += count;
  }

  /** A batch that was written in part would end in half a line, and count as lost and not lost. */
  #cutTornLine(): void {
    try {
      if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, this.#writtenBytes);
    } catch {
      // The device fails altogether; that the findings are lost is reported already.
    }
  }

  close(): void {
    closeSync(this.#fd);
    this.#release();
  }
}
