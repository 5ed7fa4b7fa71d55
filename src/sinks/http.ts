/** Batches over HTTP: accepted when the other side answers with success, and with it for each event where it tells. */
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { FORMATS, type HttpFormat } from './httpFormats.ts';
import { SinkError, type SinkEvent, type Transport } from './transport.ts';

export interface HttpTarget {
  readonly url: URL;
  readonly format: HttpFormat;
  readonly token?: string | undefined;
  /** A request that has no answer after so long is given up; in milliseconds. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** Of an answer no more is read. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const LONGEST_RETRY_AFTER_MS = 300_000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

export class HttpTransport implements Transport {
  readonly name: string;
  readonly #target: HttpTarget;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(target: HttpTarget) {
    this.#target = target;
    // Without what may be secret in it.
    this.name = `${target.url.protocol}//${target.url.host}${target.url.pathname}`;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = target.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<void> {
    let rest = events;
    while (rest.length > 0) rest = await this.#post(rest, signal);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  /** @returns events to be sent again by themselves; none as a rule */
  async #post(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly SinkEvent[]> {
    const format = FORMATS[this.#target.format];
    const answer = await this.#request(format.body(events), signal);
    const { status } = answer;
    if (status >= 200 && status < 300) {
      const verdict = format.verdict?.(parsed(answer.body));
      if (verdict === undefined || verdict.later.length + verdict.never.length === 0) return [];
      if (events.length === 1) {
        throw new SinkError(verdict.never.length > 0 ? 'never' : 'later', `${this.name} refused an event`);
      }
      // Each for itself: the pauses and the verdicts are those of single events then.
      throw new SinkError('smaller', `${this.name} refused a part of a batch`);
    }
    const message = `${this.name} answered ${status}`;
    if (status === 413) throw new SinkError('smaller', message);
    if (status === 400 || status === 422)
      throw new SinkError(events.length > 1 ? 'smaller' : 'never', message);
    // All others, a wrong token too, are worth waiting for: lines are held, not lost.
    throw new SinkError('later', message, retryAfterMs(answer.retryAfter));
  }

  async #request(body: { type: string; text: string }, signal: AbortSignal): Promise<Answer> {
    const { url, token, timeoutMs = TIMEOUT_MS, format } = this.#target;
    const bytes = Buffer.from(body.text);
    const headers = {
      'content-type': body.type,
      'content-length': bytes.length,
      ...(token !== undefined && { authorization: FORMATS[format].authorization(token) }),
    };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return new Promise((resolve, reject) => {
      const fail = (): void =>
        reject(new SinkError('later', `${this.name} can't be reached, or gives no answer`));
      const request = send(
        url,
        { method: 'POST', headers, agent: this.#agent, signal: limit },
        (response) => {
          const parts: Buffer[] = [];
          let length = 0;
          response.on('data', (part: Buffer) => {
            length += part.length;
            if (length <= MOST_ANSWER_BYTES) parts.push(part);
          });
          response.on('error', fail);
          response.on('close', () => {
            if (!response.complete) return fail();
            const { statusCode = 0, headers } = response;
            resolve({
              status: statusCode,
              retryAfter: headers['retry-after'],
              body: Buffer.concat(parts).toString(),
            });
          });
        },
      );
      request.on('error', fail);
      request.end(bytes);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfterMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms)) : undefined;
}
