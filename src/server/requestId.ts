/** Names a request in answers and in the log, so that both can be brought together. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * A UUID (RFC 9562), or 32 hex digits as of nginx's `$request_id` and of W3C trace ids. Nothing freer: the id is written
 * to the log, and whoever sends it must not be able to put anything there.
 */
const WELL_FORMED = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The id that came with the request if it is well-formed, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given.toLowerCase() : randomUUID();
}
