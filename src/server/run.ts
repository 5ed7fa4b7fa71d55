/** Listens until told to stop, and then ends in good order within its time. */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { IoError } from '../errors.ts';
import { buildServer, type ServerOptions } from './server.ts';

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; choose another --port, or 0 for any',
  EACCES: 'permission denied; ports below 1024 need privileges',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
};

const LOOK_MS = 50;

export interface RunningServer {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /**
   * Takes no more requests, lets those that run finish, and cuts what is left when the time is up.
   * @returns how many were cut
   */
  stop(): Promise<number>;
}

/** @throws IoError when it can't listen; UsageError */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, state } = options;
  const { http, events } = await buildServer(options);
  const { host, port } = settings;
  try {
    await http.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
  } catch (error) {
    await http.close();
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new IoError(`can't listen on ${host}, port ${port}: ${LISTEN_ERRORS[code] ?? code}`, {
      cause: error,
    });
  }
  const { address, family, port: actual } = http.server.address() as AddressInfo;
  const stop = async (): Promise<number> => {
    state.isStopping = true;
    events.close();
    const closed = http.close();
    let isClosed = false;
    void closed.finally(() => {
      isClosed = true;
    });
    const end = performance.now() + settings.stopMs;
    while (!isClosed && performance.now() < end) {
      // A connection whose last answer is sent would be kept for another request.
      http.server.closeIdleConnections();
      await Promise.race([closed, sleep(LOOK_MS)]);
    }
    const cut = state.activeStreams;
    http.server.closeAllConnections();
    await closed;
    return cut;
  };
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`, stop };
}
