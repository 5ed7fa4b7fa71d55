/** Looks at a file's first bytes: in which encoding and form its lines are, and whether they can be searched at all. */
import { ContainerDecoder, containerFormatOf } from '../sources/containerLines.ts';
import { sniffEncoding } from '../sources/encoding.ts';
import type { ContainerFormat, Encoding } from '../sources/formats.ts';
import { createDecoder, encodingOfMark, type LineDecoder } from '../sources/lineDecoder.ts';
import type { Segment } from './segment.ts';

/** What is known of the lines beforehand. */
export interface LineFormats {
  readonly encoding: Encoding;
  readonly container: ContainerFormat;
}

export interface Prepared {
  /** Undefined where bytes are searched as they are. */
  readonly decoder: LineDecoder | undefined;
}

/** Holds the first line of a container's log, which a runtime cuts at 16 KiB. */
const HEAD_BYTES = 32 * 1024;
const LF = 0x0a;

/**
 * @param isAll whether nothing more is waited for
 * @returns undefined while there is too little of the file to tell
 */
export function prepare(
  segment: Segment,
  formats: LineFormats,
  isAll: boolean,
): Prepared | { readonly refused: string } | undefined {
  // What is compressed was recognised by what it holds, which had been read as text before.
  if (segment.isGzip) return { decoder: decoderFor(segment, Buffer.alloc(0), formats) };
  const head = segment.peek(HEAD_BYTES);
  if (head === undefined || head.length === 0) return undefined;
  const isMarked = encodingOfMark(head) !== undefined;
  if (!isMarked && formats.encoding !== 'utf-16le' && formats.encoding !== 'utf-16be') {
    const sniffed = sniffEncoding(head, isAll);
    if (sniffed === 'more') return undefined;
    if (sniffed !== 'text') return { refused: `expected text, this is ${sniffed.unreadable}` };
  }
  if (needsFirstLine(formats, isMarked) && !head.includes(LF) && head.length < HEAD_BYTES && !isAll) {
    return undefined;
  }
  return { decoder: decoderFor(segment, head, formats) };
}

function needsFirstLine({ encoding, container }: LineFormats, isMarked: boolean): boolean {
  return container === 'auto' && encoding === 'utf-8' && !isMarked;
}

function decoderFor(segment: Segment, head: Buffer, formats: LineFormats): LineDecoder | undefined {
  const encoding = encodingOfMark(head) ?? formats.encoding;
  if (encoding !== 'utf-8') return createDecoder(encoding, segment.readOffset);
  const { container } = formats;
  const end = head.indexOf(LF);
  const format =
    container === 'auto' ? containerFormatOf(head.subarray(0, end === -1 ? head.length : end)) : container;
  return format === 'none' ? undefined : new ContainerDecoder(format);
}
