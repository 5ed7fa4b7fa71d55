/**
 * Events as lines, or framed otherwise, over TCP, TLS or a Unix socket. These protocols have no answer: accepted means
 * that the system has taken the bytes; what it had not sent when a connection broke is lost with it.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SinkError, type SinkEvent, type Transport } from './transport.ts';

export interface SocketTarget {
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  /** Of a Unix socket. */
  readonly path?: string;
  readonly isTls: boolean;
}

/** How an event goes over the wire. */
export type Framing = (event: SinkEvent) => Buffer;

const LF = Buffer.from('\n');
const CONNECT_MS = 10_000;
const WRITE_MS = 30_000;

/** A line each; line ends within a record become spaces, since a receiver would take them for the next record's. */
export const lineFraming: Framing = ({ bytes }) =>
  Buffer.concat([
    bytes.includes(LF) ? Buffer.from(bytes.toString('latin1').replaceAll('\n', ' '), 'latin1') : bytes,
    LF,
  ]);

export class SocketTransport implements Transport {
  readonly name: string;
  readonly #target: SocketTarget;
  readonly #frame: Framing;
  #socket: Socket | undefined;

  constructor(target: SocketTarget, frame: Framing) {
    this.name = target.name;
    this.#target = target;
    this.#frame = frame;
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<void> {
    const socket = await this.#connected(signal);
    const bytes = Buffer.concat(events.map(this.#frame));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => done(new SinkError('later', `${this.name}: nothing is taken`)),
        WRITE_MS,
      );
      const onClose = (): void => done(new SinkError('later', `${this.name}: the connection was closed`));
      const onAbort = (): void => done(new SinkError('later', `${this.name}: stopped`));
      const done = (error?: Error | null): void => {
        clearTimeout(timer);
        socket.off('close', onClose);
        signal.removeEventListener('abort', onAbort);
        if (error) {
          this.#drop();
          reject(error);
        } else resolve();
      };
      socket.once('close', onClose);
      signal.addEventListener('abort', onAbort);
      socket.write(bytes, done);
    });
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.end();
      setTimeout(() => socket.destroy(), CONNECT_MS).unref();
      socket.resume();
    });
  }

  async #connected(signal: AbortSignal): Promise<Socket> {
    if (this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const { host, port = 0, path, isTls } = this.#target;
    const where = path === undefined ? { host: host ?? 'localhost', port } : { path };
    const socket = isTls ? connectTls({ ...where, servername: host }) : connect(where);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(() => fail(new SinkError('later', `${this.name}: no connection`)), CONNECT_MS);
      signal.addEventListener('abort', () => fail(new SinkError('later', `${this.name}: stopped`)), {
        once: true,
      });
      socket.once('error', fail);
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        socket.off('error', fail);
        resolve();
      });
      socket.once('close', () => clearTimeout(timer));
    });
    // An error is followed by a close, which is what is listened to.
    socket.on('error', () => {});
    // A receiver that closes is seen only when it is read from.
    socket.resume();
    socket.setKeepAlive(true);
    this.#socket = socket;
    return socket;
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
