/** Searches files for one person's values, compressed ones and archives included, and changes nothing. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { History } from '../audit/history.ts';
import { SourcePlaces } from '../audit/sourcePlaces.ts';
import { describeIo, IoError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { ByteReader, type ByteStream } from '../sources/archive/byteReader.ts';
import { decompress } from '../sources/archive/decompress.ts';
import { HEAD_BYTES, recognise } from '../sources/archive/recognise.ts';
import { tarMembers } from '../sources/archive/tar.ts';
import { BYTE_ORDER_MARK_BYTES, decodeUtf16, utf16Length } from '../sources/archive/utf16.ts';
import type { Redaction } from './redaction.ts';

const READ_BYTES = 256 * 1024;
/** As with audits: logs are packed no deeper. */
const MOST_LAYERS = 6;

export interface SubjectScanOptions {
  readonly redaction: Redaction;
  readonly stop: AbortSignal;
  readonly onFinding: (finding: Finding) => void;
  /** Told of what could not be searched. */
  readonly onGap: (message: string) => void;
  readonly onProgress: (path: string, bytes: number) => void;
}

export class SubjectScan {
  readonly #options: SubjectScanOptions;

  constructor(options: SubjectScanOptions) {
    this.#options = options;
  }

  async file(path: string): Promise<void> {
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY);
    } catch (error) {
      this.#options.onGap(`${path}: can't be read: ${describeIo(error)}`);
      return;
    }
    try {
      await this.#content(path, this.#read(path, fd), 0);
    } finally {
      closeSync(fd);
    }
  }

  async *#read(path: string, fd: number): AsyncGenerator<Buffer> {
    while (!this.#options.stop.aborted) {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      let length: number;
      try {
        length = readSync(fd, chunk);
      } catch (error) {
        throw new IoError(describeIo(error), { cause: error });
      }
      if (length === 0) return;
      this.#options.onProgress(path, length);
      yield chunk.subarray(0, length);
      await nextTurn();
    }
  }

  async #content(source: string, stream: ByteStream, layers: number): Promise<void> {
    const { stop, onGap } = this.#options;
    const reader = new ByteReader(stream);
    try {
      const content = recognise(await reader.peek(HEAD_BYTES));
      if (content.kind === 'compressed' || content.kind === 'tar') {
        if (layers >= MOST_LAYERS) onGap(`${source}: packed too deep to be looked into`);
        else if (content.kind === 'tar') await this.#members(source, reader, layers + 1);
        else await this.#content(source, decompress(content.format, reader.rest()), layers + 1);
      } else if (content.kind === 'text') {
        await this.#text(source, reader.rest());
      } else if (content.kind === 'utf16') {
        const history = new History();
        const places = new SourcePlaces(history, BYTE_ORDER_MARK_BYTES, utf16Length);
        await this.#text(source, decodeUtf16(reader.rest(), content.encoding), { history, places });
      } else {
        onGap(`${source}: not searched: it is ${content.name}`);
      }
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      if (!stop.aborted) onGap(`${source}: not searched to its end: ${error.message}`);
    } finally {
      await reader.close();
    }
  }

  async #members(source: string, reader: ByteReader, layers: number): Promise<void> {
    for await (const { name, kind, content } of tarMembers(reader)) {
      if (kind === 'file') await this.#content(`${source}!/${name}`, content, layers);
      else if (kind === 'sparse')
        this.#options.onGap(`${source}!/${name}: not searched: it is a sparse file`);
    }
  }

  /** @param stored tells places in a source that holds other bytes than the text */
  async #text(
    source: string,
    text: ByteStream,
    stored?: { readonly history: History; readonly places: SourcePlaces },
  ): Promise<void> {
    const { redaction, onFinding, onGap } = this.#options;
    const { anomalies } = redaction.tally;
    const withheld = anomalies.linesWithheld;
    const stream = redaction.openStream(
      () => source,
      // What is kept is somebody else's.
      (finding) => {
        if (finding.action !== 'keep') onFinding({ ...finding, ...stored?.places.of(finding) });
      },
    );
    try {
      for await (const chunk of text) {
        stored?.history.add(chunk);
        stored?.places.add(chunk);
        stream.push(chunk);
      }
    } finally {
      stream.end();
    }
    if (anomalies.linesWithheld > withheld) onGap(`${source}: lines of it could not be looked at`);
  }
}
