/**
 * Searches what a stream holds, as its first bytes tell: text, compressed data, a tar archive, each within another. What
 * is no text is told, not guessed.
 */

import type { Stored } from '../../audit/collector.ts';
import {
  FREE_EXPANSION,
  type MemberFacts,
  type Part,
  type PartAnomalies,
  type PartResult,
  type RecordSink,
  type ScanOptions,
} from '../../audit/scan.ts';
import { serviceOf } from '../../audit/serviceName.ts';
import { describeIo, IoError } from '../../errors.ts';
import { ByteReader, type ByteStream } from '../../sources/archive/byteReader.ts';
import { DamagedInput } from '../../sources/archive/damaged.ts';
import { decompress } from '../../sources/archive/decompress.ts';
import { HEAD_BYTES, recognise } from '../../sources/archive/recognise.ts';
import { type TarMember, tarMembers } from '../../sources/archive/tar.ts';
import { BYTE_ORDER_MARK_BYTES, decodeUtf16, utf16Length } from '../../sources/archive/utf16.ts';
import type { SourceScan } from './sourceScan.ts';

/** Archives in archives, compressed twice: no logs are packed deeper. */
const MOST_LAYERS = 6;

export const NO_ANOMALIES: PartAnomalies = {
  linesWithheld: 0,
  longLines: 0,
  blocksWithoutEnd: 0,
  matchesInKeys: 0,
};

/** The source that is in work: a file, or a member of an archive. */
interface Source {
  readonly source: string;
  readonly service: string;
  readonly modifiedMs: number;
}

type Outcome = Pick<PartResult, 'state' | 'reason' | 'format' | 'lines' | 'bytesSearched' | 'findings'> & {
  readonly failure?: string;
};

export class ContentScanner {
  readonly #scan: SourceScan;
  readonly #part: Part;
  readonly #options: ScanOptions;
  readonly #sink: RecordSink;
  #storedBytes = 0;
  #expandedBytes = 0;
  #anomalies = NO_ANOMALIES;

  constructor(scan: SourceScan, part: Part, options: ScanOptions, sink: RecordSink) {
    this.#scan = scan;
    this.#part = part;
    this.#options = options;
    this.#sink = sink;
  }

  async scan(stream: ByteStream): Promise<PartResult> {
    const { source, service, modifiedMs } = this.#part;
    const { failure, ...outcome } = await this.#look(
      counted(stream, (bytes) => {
        this.#storedBytes += bytes;
      }),
      { source, service, modifiedMs },
      [],
    );
    return {
      ...outcome,
      start: 0,
      end: this.#storedBytes,
      bytesRead: this.#storedBytes,
      anomalies: this.#anomalies,
      ...(failure && { engineFailure: failure }),
    };
  }

  /** @param layers formats around it, the outermost first */
  async #look(stream: ByteStream, source: Source, layers: readonly string[]): Promise<Outcome> {
    const reader = new ByteReader(stream);
    let lines = 0;
    let findings = 0;
    let bytesSearched = 0;
    const formats = [...layers];
    const told = (state: PartResult['state'], reason?: string, failure?: string): Outcome => ({
      state,
      ...(reason && { reason }),
      ...(formats.length > 0 && { format: formats.join('+') }),
      lines,
      findings,
      bytesSearched,
      ...(failure && { failure }),
    });
    try {
      const content = recognise(await reader.peek(HEAD_BYTES));
      const isSearched = this.#options.binary === 'search';
      if (content.kind === 'compressed') {
        if (layers.length >= MOST_LAYERS) return told('binary', 'it is packed too deep to be looked into');
        const unpacked = this.#expanding(decompress(content.format, reader.rest()));
        return await this.#look(unpacked, source, [...layers, content.format]);
      }
      if (content.kind === 'tar') {
        if (layers.length >= MOST_LAYERS) return told('binary', 'it is packed too deep to be looked into');
        return await this.#lookIntoTar(reader, source, [...layers, 'tar']);
      }
      if (content.kind === 'encoding')
        return told('encoding', `its text is ${content.name}; ${content.advice}`);
      if (content.kind === 'binary' && !isSearched) return told('binary', `it is ${content.name}`);
      let text = counted(reader.rest(), (bytes) => {
        bytesSearched += bytes;
      });
      let stored: Stored | undefined;
      if (content.kind === 'utf16') {
        formats.push(content.encoding);
        text = decodeUtf16(text, content.encoding);
        stored = { prefixBytes: BYTE_ORDER_MARK_BYTES, lengthOf: utf16Length };
      }
      this.#scan.begin({ ...source, offset: 0, ...(stored && { stored }) });
      let failure: unknown;
      try {
        for await (const chunk of text) this.#scan.take(chunk);
      } catch (error) {
        if (!(error instanceof IoError)) throw error;
        failure = error;
      }
      const end = this.#scan.end();
      ({ lines, findings } = end);
      this.#anomalies = sum(this.#anomalies, end.anomalies);
      if (failure !== undefined) throw failure;
      return told('examined', undefined, end.failure);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      return told(bytesSearched > 0 ? 'partly' : 'unreadable', reasonOf(error));
    } finally {
      await reader.close();
    }
  }

  async #lookIntoTar(reader: ByteReader, archive: Source, layers: readonly string[]): Promise<Outcome> {
    let findings = 0;
    let bytesSearched = 0;
    let gaps = 0;
    const told = (state: PartResult['state'], reason?: string): Outcome => ({
      state,
      ...(reason && { reason }),
      format: layers.join('+'),
      lines: 0,
      findings,
      bytesSearched,
    });
    try {
      for await (const member of tarMembers(reader)) {
        if (member.kind === 'folder') continue;
        const facts = await this.#lookAtMember(member, archive, layers);
        findings += facts.findings;
        bytesSearched += facts.bytesSearched;
        if (isGap(facts.state, this.#options)) gaps++;
        this.#sink.member(facts);
      }
      return gaps === 0
        ? told('examined')
        : told('partly', `${gaps} of its members could not be examined to their end`);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      return told('partly', reasonOf(error));
    }
  }

  async #lookAtMember(member: TarMember, archive: Source, layers: readonly string[]): Promise<MemberFacts> {
    const source = `${archive.source}!/${member.name.replace(/^\.?\/+/, '')}`;
    const inFolder = /[/\\]/.test(member.name.replace(/^\.?\/+/, ''));
    const service = inFolder ? serviceOf(`/${member.name}`, '/') : serviceOf(member.name, member.name);
    const own = {
      source,
      service: service === '' ? archive.service : service,
      modifiedMs: member.modifiedMs,
    };
    const facts = { ...own, size: member.size, lines: 0, findings: 0, bytesSearched: 0 };
    if (member.kind === 'sparse') {
      return { ...facts, state: 'unreadable', reason: 'a sparse member; unpack the archive first' };
    }
    if (member.kind !== 'file') {
      return {
        ...facts,
        state: 'passed-over',
        reason: member.kind === 'link' ? 'it is a link' : 'it is no file',
      };
    }
    const { failure: _, format, ...outcome } = await this.#look(member.content, own, []);
    const formats = [...layers, ...(format === undefined ? [] : [format])];
    return { ...facts, ...outcome, format: formats.join('+') };
  }

  /** Stops at what expands beyond all reason: a bomb. */
  async *#expanding(stream: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    const { maxExpansion } = this.#options;
    for await (const piece of stream) {
      this.#expandedBytes += piece.length;
      if (this.#expandedBytes > FREE_EXPANSION && this.#expandedBytes > this.#storedBytes * maxExpansion) {
        throw new DamagedInput(
          `it expands more than ${maxExpansion} times; --max-expansion sets another limit`,
        );
      }
      yield piece;
    }
  }
}

/** Tells of the bytes of each chunk before it is handed on. */
async function* counted(stream: ByteStream, tell: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    tell(chunk.length);
    yield chunk;
  }
}

/** Whether a state leaves a gap in the audit. */
function isGap(state: PartResult['state'], options: ScanOptions): boolean {
  return (
    state === 'partly' ||
    state === 'unreadable' ||
    state === 'encoding' ||
    (state === 'binary' && options.binary !== 'skip')
  );
}

/** Errors of ours say what is wrong; of the system's only the code is told. */
function reasonOf(error: IoError): string {
  return error.cause !== undefined && !(error instanceof DamagedInput)
    ? describeIo(error.cause)
    : error.message;
}

function sum(one: PartAnomalies, other: PartAnomalies): PartAnomalies {
  return {
    linesWithheld: one.linesWithheld + other.linesWithheld,
    longLines: one.longLines + other.longLines,
    blocksWithoutEnd: one.blocksWithoutEnd + other.blocksWithoutEnd,
    matchesInKeys: one.matchesInKeys + other.matchesInKeys,
  };
}
