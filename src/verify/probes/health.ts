/** One GET to the health endpoint, and nothing else: no redirect is followed, nothing is tried again. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { VERSION } from '../../version.ts';

/** A health answer is short; what comes beyond is not waited for. */
const MOST_BODY_BYTES = 64 * 1024;

export type Health =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Until the answer's last byte, connection and name look-up included, in milliseconds. */
      readonly totalMs: number;
      /** Until its head, the same. */
      readonly firstByteMs: number;
      /** What a JSON body says of itself, in words of ours. */
      readonly word: 'ok' | 'degraded' | 'down' | undefined;
    }
  /** Nothing, or half of it, within the time. */
  | { readonly kind: 'silent'; readonly afterMs: number }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** @param timeoutMs longest wait for the whole answer */
export function askHealth(url: string, timeoutMs: number, stop: AbortSignal): Promise<Health> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const since = (): number => performance.now() - startedAt;
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'GET',
      // A connection of its own, closed afterwards.
      agent: false,
      headers: { accept: 'application/json, */*;q=0.1', 'user-agent': `logveil-verify/${VERSION}` },
    });
    const end = (health: Health): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
      request.destroy();
      resolve(health);
    };
    const onStop = (): void => end({ kind: 'silent', afterMs: since() });
    const timer = setTimeout(onStop, timeoutMs);
    stop.addEventListener('abort', onStop, { once: true });
    request.on('error', (error) => end({ kind: 'unreachable', reason: reasonOf(error) }));
    request.on('response', (response) => {
      const firstByteMs = since();
      const { statusCode: status = 0 } = response;
      response.on('error', (error) => end({ kind: 'unreachable', reason: reasonOf(error) }));
      readBody(response, (body) =>
        end({ kind: 'answered', status, firstByteMs, totalMs: since(), word: wordOf(body) }),
      );
    });
    request.end();
  });
}

function readBody(response: IncomingMessage, onEnd: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (): void => onEnd(Buffer.concat(chunks).toString());
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_BODY_BYTES) end();
  });
  response.on('end', end);
}

/** Words of Laravel and Spring packages, and of draft-inadarei-api-health-check (`pass`, `warn`, `fail`). */
const WORDS: Readonly<Record<string, 'ok' | 'degraded' | 'down'>> = {
  ...{ ok: 'ok', up: 'ok', pass: 'ok', healthy: 'ok', passed: 'ok' },
  ...{ degraded: 'degraded', warn: 'degraded', warning: 'degraded' },
  ...{ down: 'down', fail: 'down', failed: 'down', error: 'down', unhealthy: 'down', critical: 'down' },
};

function wordOf(body: string): 'ok' | 'degraded' | 'down' | undefined {
  try {
    const { status } = JSON.parse(body) as { readonly status?: unknown };
    return typeof status === 'string' ? WORDS[status.toLowerCase()] : undefined;
  } catch {
    return undefined;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was cut before the answer',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'the host can not be reached',
  ENETUNREACH: 'the network can not be reached',
  ETIMEDOUT: 'no connection came about',
  EPIPE: 'the connection was cut before the answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by nobody this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by nobody this machine trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by nobody this machine trusts',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};

/** The code only: texts of errors may quote what came. */
function reasonOf(error: NodeJS.ErrnoException): string {
  const { code = 'no connection' } = error;
  return REASONS[code] ?? (code.startsWith('HPE_') ? 'the answer is not HTTP' : code);
}
