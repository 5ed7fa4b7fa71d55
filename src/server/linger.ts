/**
 * A failure is often told before the body has been sent. To close at once would reset the connection, and the client
 * would never read why (RFC 9112, 9.6); so its bytes are taken and dropped for a while.
 */
import type { IncomingMessage } from 'node:http';

const LINGER_MS = 2000;
const LINGER_BYTES = 16 * 1024 * 1024;

/** @param request whose body nobody reads any more */
export function linger(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', onData).off('close', end).off('end', end);
  };
  const giveUp = (): void => {
    end();
    socket.destroySoon();
  };
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) giveUp();
  };
  const timer = setTimeout(giveUp, LINGER_MS).unref();
  request.on('error', () => {});
  request.on('data', onData).on('end', end).on('close', end);
  request.resume();
}
