/** A server as a user starts it: a process of its own on a free port; and ways to ask it that no usual client offers. */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { TOY_RULES } from '../support/rules.ts';

export const TOKEN = 'test-token-0123456789abcdef';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
}

export interface ServeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without a token the server answers whoever is on this machine. */
  readonly token?: string | undefined;
  /** More settings of `serve` in logveil.yaml. */
  readonly settings?: string;
  readonly rules?: string;
  /** Options of Node itself, for instance `--import` of a fault. */
  readonly nodeArgs?: readonly string[];
}

export class Served {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly token: string | undefined;
  readonly code: Promise<number | null>;
  url = '';
  out = '';
  err = '';
  #heard = (): void => {};

  constructor({ args = [], env = {}, token, settings = '', rules = TOY_RULES, nodeArgs = [] }: ServeOptions) {
    this.folder = temporaryFolder();
    this.token = token;
    writeFiles(this.folder, {
      'rules.yaml': rules,
      'logveil.yaml': `rules: [./rules.yaml]\nserve:\n  rateLimit: 0\n${settings}`,
    });
    this.child = startCli(['serve', '--port', '0', '--log-level', 'info', ...args], {
      cwd: this.folder,
      nodeArgs,
      env: { LOGVEIL_KEY: TEST_KEY, ...(token !== undefined && { LOGVEIL_TOKEN: token }), ...env },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#hear(() => (this.out += chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#hear(() => (this.err += chunk)));
    this.code = new Promise((done) => this.child.once('close', (code) => this.#hear(() => done(code))));
    onTestFinished(() => {
      this.child.kill('SIGKILL');
    });
  }

  #hear(add: () => void): void {
    add();
    this.#heard();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Waits until something is so; looks whenever the process says something. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.child.exitCode !== null) throw new Error(`the server has ended:\n${this.err}`);
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
  }

  /** Opens a request; its body and its answer are the caller's. */
  open(method: string, path: string, headers: Readonly<Record<string, string>> = {}): ClientRequest {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    const opened = httpRequest(`${this.url}${path}`, {
      method,
      agent: false,
      headers: { ...authorization, ...headers },
    });
    opened.on('error', () => {});
    opened.on('response', (response) => response.on('error', () => {}));
    return opened;
  }

  /** Asks, and waits for the whole answer. @throws when the answer is cut */
  async ask(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string | Buffer } = {},
  ): Promise<Answer> {
    const opened = this.open(method, path, headers);
    opened.end(body);
    return whole(await answerOf(opened));
  }

  sanitize(body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('POST', '/api/sanitize', { headers: { 'content-type': 'text/plain', ...headers }, body });
  }

  async json(path: string): Promise<Record<string, never>> {
    return jsonOf(await this.ask('GET', path));
  }

  /** Sends bytes as they are, and gathers what comes back until the server closes the connection. */
  raw(bytes: string | Buffer): Promise<string> {
    const socket = this.socket();
    socket.write(bytes);
    return untilClosed(socket);
  }

  socket(): Socket {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => {});
    return socket;
  }
}

/** Starts a server and waits until it listens. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const served = new Served(options);
  await served.until(() => served.out.includes('\n'));
  served.url = served.out.replace('listening on ', '').trim();
  return served;
}

export function answerOf(opened: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    opened.once('response', resolve);
    opened.once('error', reject);
    opened.once('close', () => reject(new Error('closed without an answer')));
  });
}

/** @throws when the answer is cut */
export async function whole(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    trailers: response.trailers,
    body: Buffer.concat(parts),
  };
}

export function jsonOf({ body }: Pick<Answer, 'body'>): Record<string, never> {
  return JSON.parse(body.toString()) as Record<string, never>;
}

/** The code of an error envelope, after it is looked at as a whole. */
export function errorOf(answer: Answer): string {
  const { error } = jsonOf(answer) as unknown as { error: { code: string; requestId: string } };
  if (answer.headers['x-request-id'] !== error.requestId) throw new Error('ids differ');
  return error.code;
}

export function untilClosed(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  return new Promise((resolve) => {
    socket.once('close', () => resolve(Buffer.concat(parts).toString()));
  });
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');
