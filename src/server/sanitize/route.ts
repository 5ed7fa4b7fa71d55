/**
 * `POST /api/sanitize`. The answer begins with the first redacted bytes, while the body is still being sent: each side
 * goes as fast as the slower of sender, engine and reader. What fails before is told; what fails later cuts the
 * connection, so that nobody takes a part for the whole.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServeSettings } from '../../config/serve.ts';
import type { Finding } from '../../findings/finding.ts';
import { ClientGone, HttpError } from '../httpError.ts';
import type { ServerState } from '../state.ts';
import { checkLength, readBody } from './body.ts';
import { envelope, FindingList, summaryOf } from './envelope.ts';
import { answerType, ENVELOPE_TYPE, wantsEnvelope } from './negotiation.ts';
import { RequestCounts, type Sanitizing } from './sanitizing.ts';
import { Watch } from './watch.ts';

/** A client that sends all before it reads gets so far, and what the system's buffers hold. */
const UNREAD_BYTES = 256 * 1024;
const TRAILERS = 'logveil-summary, content-digest, server-timing';

export interface SanitizeOptions {
  readonly settings: ServeSettings;
  readonly state: ServerState;
  readonly sanitizing: Sanitizing;
  /** Where all findings go, beside the answer. */
  readonly onFinding: ((finding: Finding) => void) | undefined;
  /** Writes the findings so far; before the bytes they were found in are handed on. */
  readonly flushFindings: () => Promise<void>;
}

export class SanitizeRoute {
  readonly #options: SanitizeOptions;

  constructor(options: SanitizeOptions) {
    this.#options = options;
  }

  /** @throws HttpError as long as nothing has been answered */
  readonly handle = async (request: FastifyRequest, reply: FastifyReply): Promise<string | undefined> => {
    const { settings, state } = this.#options;
    const { raw } = request;
    const isEnvelope = wantsEnvelope(raw.headers);
    const type = answerType(raw.headers);
    if (!isEnvelope && raw.httpVersionMajor === 1 && raw.httpVersionMinor === 0) {
      throw new HttpError(
        'HTTP_VERSION',
        'expected HTTP/1.1: before, an answer that was cut can not be told from a whole one (nginx: proxy_http_version 1.1)',
      );
    }
    const maxBodyBytes = isEnvelope
      ? Math.min(settings.maxEnvelopeBytes, settings.maxBodyBytes)
      : settings.maxBodyBytes;
    checkLength(raw, maxBodyBytes);
    if (state.activeStreams >= settings.maxStreams) {
      throw new HttpError('OVERLOADED', `expected at most ${settings.maxStreams} requests at the same time`, {
        'retry-after': '1',
      });
    }
    state.activeStreams++;
    const counts = new RequestCounts();
    request.counts = counts;
    const watch = new Watch(settings);
    try {
      if (request.raw.headers.expect !== undefined) reply.raw.writeContinue();
      const body = readBody(raw, watch, { maxBodyBytes, maxLineBytes: settings.maxLineBytes });
      if (isEnvelope) return await this.#answerWhole(request, reply, body, counts);
      await this.#answerStream(request, reply, body, counts, type, watch);
      return undefined;
    } catch (error) {
      state.requestsCut++;
      throw error;
    } finally {
      watch.end(new Error('the request is done'));
      state.requests++;
      state.activeStreams--;
    }
  };

  async #answerWhole(
    request: FastifyRequest,
    reply: FastifyReply,
    body: AsyncGenerator<Buffer>,
    counts: RequestCounts,
  ): Promise<string> {
    const { state, sanitizing, onFinding, flushFindings } = this.#options;
    const found = new FindingList();
    const owner = {
      sourceName: 'http',
      onFinding: (finding: Finding) => {
        found.add(finding);
        onFinding?.(finding);
      },
    };
    const parts: Buffer[] = [];
    for await (const part of sanitizing.redact(body, owner, true, counts)) parts.push(part);
    await flushFindings();
    reply.type(ENVELOPE_TYPE);
    return envelope({
      requestId: request.id,
      rulesDigest: state.live.current.digest,
      bytes: Buffer.concat(parts),
      counts,
      found,
    });
  }

  async #answerStream(
    request: FastifyRequest,
    reply: FastifyReply,
    body: AsyncGenerator<Buffer>,
    counts: RequestCounts,
    type: string,
    watch: Watch,
  ): Promise<void> {
    const { sanitizing, onFinding, flushFindings } = this.#options;
    const owner = { sourceName: 'http', onFinding: onFinding ?? (() => {}) };
    const output = sanitizing.redact(body, owner, onFinding !== undefined, counts);
    // Until there is something to send, a failure can still be told.
    const first = await output.next();
    const response = reply.raw;
    reply.hijack();
    try {
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': type,
        trailer: TRAILERS,
      });
      for (let next = first; next.done !== true; next = await output.next()) {
        await flushFindings();
        await write(response, next.value, watch);
      }
      await flushFindings();
      response.addTrailers(trailersOf(counts));
      await ended(response, watch);
    } catch (error) {
      cut(response, request.raw);
      request.failure = error;
      this.#options.state.requestsCut++;
    } finally {
      void output.return(undefined).catch(() => {});
    }
  }
}

function trailersOf(counts: RequestCounts): Record<string, string> {
  // Names of rules and entities are ASCII by their schema; should that change, a header must still hold them.
  const summary = JSON.stringify(summaryOf(counts)).replace(/[^ -~]/g, '?');
  return {
    'logveil-summary': summary,
    'content-digest': counts.contentDigest(),
    'server-timing': `engine;dur=${counts.engineMs.toFixed(1)}`,
  };
}

/** Without an orderly end, so that the client sees that the answer is not whole. */
function cut(response: ServerResponse, request: IncomingMessage): void {
  response.destroy();
  request.destroy();
}

/** Waits until the reader has taken all but a little. @throws when it goes away, or takes too long */
async function write(response: ServerResponse, bytes: Buffer, watch: Watch): Promise<void> {
  if (response.destroyed) throw new ClientGone();
  response.write(bytes);
  if (response.writableLength > UNREAD_BYTES) await settled(response, 'drain', watch);
  watch.progress();
}

async function ended(response: ServerResponse, watch: Watch): Promise<void> {
  response.end();
  if (!response.writableFinished) await settled(response, 'finish', watch);
}

/** Until the event; the end of the connection and of the time are failures. */
function settled(response: ServerResponse, event: 'drain' | 'finish', watch: Watch): Promise<void> {
  const { signal } = watch;
  return new Promise<void>((resolve, reject) => {
    const done = (error?: Error): void => {
      response.off(event, onEvent).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onEvent = (): void => done();
    const onClose = (): void => done(new ClientGone());
    const onAbort = (): void => done(signal.reason as Error);
    response.on(event, onEvent).on('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else if (response.destroyed) onClose();
  });
}
