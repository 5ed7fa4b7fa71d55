/** Reads the body of a request: as it comes, decompressed, within its limits. */
import type { IncomingMessage } from 'node:http';
import { DamagedInput } from '../../sources/archive/damaged.ts';
import { gunzip } from '../../sources/archive/gzip.ts';
import { sniffEncoding } from '../../sources/encoding.ts';
import { ClientGone, HttpError } from '../httpError.ts';
import type { Watch } from './watch.ts';

const LF = 0x0a;

export interface BodyLimits {
  /** Of the decompressed body. */
  readonly maxBodyBytes: number;
  readonly maxLineBytes: number;
}

/**
 * The chunks of a body; each is the caller's.
 * @throws HttpError for what can't be taken; the request's own error when the client has gone away
 */
export async function* readBody(
  request: IncomingMessage,
  watch: Watch,
  limits: BodyLimits,
): AsyncGenerator<Buffer> {
  const unneeded = new AbortController();
  const raw = chunksOf(request, watch, AbortSignal.any([watch.signal, unneeded.signal]));
  const isGzip = checkEncoding(request);
  const chunks = checked(isGzip ? inflated(raw) : raw, limits);
  try {
    // By hand: a loop would end what is read from first, and that may wait for bytes that nobody needs any more.
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    unneeded.abort(new Error('no more of the body is needed'));
    void chunks.return(undefined).catch(() => {});
  }
}

/** @throws HttpError for an announced length beyond the limit */
export function checkLength(request: IncomingMessage, maxBytes: number): void {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > maxBytes) throw tooLarge(maxBytes);
}

/** @returns whether the body is compressed */
function checkEncoding({ headers }: IncomingMessage): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return true;
  if (encoding === 'identity' || encoding === '') return false;
  throw new HttpError('UNSUPPORTED_ENCODING', 'expected Content-Encoding gzip, or none', {
    'accept-encoding': 'gzip, identity',
  });
}

async function* inflated(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* gunzip(raw);
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
    throw new HttpError('BAD_COMPRESSION', `expected a whole gzip body: ${error.message}`);
  }
}

/** Holds chunks to the limits; what no rule could find anything in is refused by its first bytes, as in a pipe. */
async function* checked(chunks: AsyncGenerator<Buffer>, limits: BodyLimits): AsyncGenerator<Buffer> {
  const { maxBodyBytes, maxLineBytes } = limits;
  let bytes = 0;
  let lineBytes = 0;
  let head: Buffer | undefined = Buffer.alloc(0);
  try {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      const chunk = next.value;
      bytes += chunk.length;
      if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
      lineBytes = longestEnd(chunk, lineBytes, maxLineBytes);
      head = head && Buffer.concat([head, chunk]);
      if (head !== undefined && !isSearchable(head, false)) continue;
      yield head ?? chunk;
      head = undefined;
    }
    if (head === undefined || head.length === 0) return;
    isSearchable(head, true);
    yield head;
  } finally {
    void chunks.return(undefined).catch(() => {});
  }
}

/**
 * @returns whether the bytes may be handed on; false while too few have come to tell
 * @throws HttpError for what can't be searched
 */
function isSearchable(head: Buffer, isAll: boolean): boolean {
  const sniffed = sniffEncoding(head, isAll);
  if (typeof sniffed === 'string') return sniffed === 'text';
  throw new HttpError(
    'NOT_TEXT',
    `expected text in UTF-8 or another encoding with ASCII bytes, got ${sniffed.unreadable}: convert it first, or name gzip as the Content-Encoding`,
  );
}

/**
 * @param lineBytes of the unfinished line before the chunk
 * @returns the same behind it
 * @throws HttpError for a line beyond the limit
 */
function longestEnd(chunk: Buffer, lineBytes: number, maxLineBytes: number): number {
  let unfinished = lineBytes;
  let at = 0;
  // Only a line that began before, or one as long as a chunk, can be too long; all others need no look.
  if (unfinished + chunk.length > maxLineBytes) {
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, at)) {
      refuseLong(unfinished + end - at, maxLineBytes);
      unfinished = 0;
      at = end + 1;
    }
  } else {
    const last = chunk.lastIndexOf(LF);
    if (last !== -1) {
      unfinished = 0;
      at = last + 1;
    }
  }
  unfinished += chunk.length - at;
  refuseLong(unfinished, maxLineBytes);
  return unfinished;
}

function refuseLong(lineBytes: number, maxLineBytes: number): void {
  if (lineBytes <= maxLineBytes) return;
  throw new HttpError('LINE_TOO_LONG', `expected lines of at most ${maxLineBytes} bytes`);
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError('BODY_TOO_LARGE', `expected a body of at most ${maxBytes} bytes`);
}

/** Reads at its own pace, so that a slow engine or reader slows the sender down; unlike iterating it, ends by a signal. */
async function* chunksOf(
  request: IncomingMessage,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let wake = (): void => {};
  let isEnded = request.readableEnded;
  let failure: Error | undefined;
  const onReadable = (): void => wake();
  const onEnd = (): void => {
    isEnded = true;
    wake();
  };
  const onClose = (): void => {
    if (!isEnded) failure ??= new ClientGone();
    wake();
  };
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const onError = (): void => fail(new ClientGone());
  const onAbort = (): void => fail(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  request.on('readable', onReadable).on('end', onEnd).on('close', onClose).on('error', onError);
  try {
    for (;;) {
      if (failure !== undefined) throw failure;
      const chunk = request.read() as Buffer | null;
      if (chunk !== null) {
        watch.progress();
        yield chunk;
      } else if (isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    request.off('readable', onReadable).off('end', onEnd).off('close', onClose);
  }
}
