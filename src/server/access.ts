/**
 * Who may ask. With a token: whoever shows it. Without one the server listens on loopback only, and then a web page that
 * somebody on this machine looks at must not be able to ask either: by a name that leads here (DNS rebinding) or by a
 * request across origins.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback, type ServeSettings } from '../config/serve.ts';
import { HttpError } from './httpError.ts';

const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

export class Access {
  readonly #digest: Buffer | undefined;
  readonly #hosts: ReadonlySet<string>;

  constructor({ token, host, allowedHosts }: ServeSettings) {
    this.#digest = token === undefined ? undefined : digestOf(token);
    this.#hosts = new Set([host, ...allowedHosts].map((name) => name.toLowerCase()));
  }

  get needsToken(): boolean {
    return this.#digest !== undefined;
  }

  /** @throws HttpError when the request may not have an answer */
  check(request: IncomingMessage): void {
    if (this.#digest === undefined) this.#checkOrigin(request);
    else if (!this.#knows(request.headers.authorization, this.#digest)) {
      throw new HttpError(
        'UNAUTHORIZED',
        'expected the token of LOGVEIL_TOKEN: `Authorization: Bearer TOKEN`',
        { 'www-authenticate': 'Bearer realm="logveil"' },
      );
    }
  }

  /** Digests are of one length and differ everywhere: the time tells nothing of the token. */
  #knows(authorization: string | undefined, digest: Buffer): boolean {
    const [, token = ''] = BEARER.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digestOf(token), digest);
  }

  #checkOrigin({ headers }: IncomingMessage): void {
    const host = hostnameOf(headers.host);
    if (host === undefined || !(isLoopback(host) || this.#hosts.has(host))) {
      throw new HttpError(
        'FORBIDDEN',
        'expected a loopback name in the Host header, one of `allowedHosts`, or a token in LOGVEIL_TOKEN at the start',
      );
    }
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const isForeign =
      origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host);
    if (isForeign || site === 'cross-site' || site === 'same-site') {
      throw new HttpError('FORBIDDEN', 'expected a request of the same origin');
    }
  }
}

/** Without the port, and without the brackets of IPv6; undefined where there is none. */
function hostnameOf(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
