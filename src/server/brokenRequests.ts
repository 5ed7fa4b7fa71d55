/** What is no HTTP, or never became a whole request: told in the form of all failures, and the connection closed. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { envelopeOf, HttpError } from './httpError.ts';

/** By Node's codes; the error itself holds the raw packet and goes nowhere. */
const ERRORS: Readonly<Record<string, HttpError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpError('TIMEOUT', 'expected a whole request sooner'),
  HPE_HEADER_OVERFLOW: new HttpError('HEADERS_TOO_LARGE', 'expected headers of at most 16 KiB'),
};
const NO_HTTP = new HttpError('BAD_REQUEST', 'expected a request of HTTP/1.1');

export function refuseBrokenRequests(error: Error, socket: Socket): void {
  const { code } = error as NodeJS.ErrnoException;
  // The answer that has begun can't be followed by another; nor can anybody be told who has gone away.
  const current = (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage;
  if (code === 'ECONNRESET' || !socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  const refusal = ERRORS[String(code)] ?? NO_HTTP;
  const body = JSON.stringify(envelopeOf(refusal, randomUUID()));
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
