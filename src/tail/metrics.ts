/**
 * `--metrics HOST:PORT`: Prometheus text at /metrics, /livez while the loop turns, /readyz while the output takes lines.
 * On the loopback address unless another is named: counts tell about an operation too.
 */
import { createServer, type Server } from 'node:http';
import { Gauge, Registry } from 'prom-client';
import type { LiveRedaction } from '../app/liveRedaction.ts';
import { IoError, UsageError } from '../errors.ts';
import { registerCaughtErrors, registerStages } from '../pipeline/metrics.ts';
import type { Tail } from './tail.ts';

/** The loop has to turn at least so often, in milliseconds. */
const ALIVE_MS = 30_000;
const LOOPBACK = '127.0.0.1';

export interface MetricsOptions {
  /** `HOST:PORT`, or a port. */
  readonly address: string;
  readonly tail: Tail;
  readonly redaction: LiveRedaction;
  readonly isOutputReady: () => boolean;
}

export class MetricsServer {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #server: Server;
  #aliveAt = Date.now();

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#register();
    this.#server = createServer((request, response) => {
      const answer = (status: number, text: string): void => {
        response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
      };
      if (request.method !== 'GET') return answer(405, 'expected GET\n');
      if (request.url === '/metrics') {
        void this.#registry.metrics().then((text) => answer(200, text));
      } else if (request.url === '/livez') {
        const isAlive = Date.now() - this.#aliveAt < ALIVE_MS;
        answer(isAlive ? 200 : 503, isAlive ? 'ok\n' : 'the loop has stopped\n');
      } else if (request.url === '/readyz') {
        const isReady = options.isOutputReady();
        answer(isReady ? 200 : 503, isReady ? 'ok\n' : 'the output takes nothing\n');
      } else answer(404, 'expected /metrics, /livez or /readyz\n');
    });
  }

  /** @throws UsageError, IoError */
  async listen(): Promise<void> {
    const { address } = this.#options;
    const [, host, port] = /^(?:\[?([^\]]*?)\]?:)?(\d{1,5})$/.exec(address) ?? [];
    if (port === undefined)
      throw new UsageError(`--metrics: expected HOST:PORT, for instance ${LOOPBACK}:9464`);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(new IoError(`--metrics ${address}: can't listen: ${error.code}`)),
      );
      this.#server.listen(Number(port), host || LOOPBACK, resolve);
    });
    this.#server.unref();
  }

  alive(): void {
    this.#aliveAt = Date.now();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #register(): void {
    const { tail, redaction, isOutputReady } = this.#options;
    const { tally } = redaction;
    const values: readonly [name: string, help: string, value: () => number][] = [
      ['logveil_tail_bytes_read_total', 'Bytes read from files', () => tally.bytesIn],
      ['logveil_tail_bytes_written_total', 'Redacted bytes given to the output', () => tail.bytesOut],
      ['logveil_tail_lines_total', 'Lines looked at', () => tally.lines],
      ['logveil_tail_lines_changed_total', 'Lines in which something was replaced', () => tally.linesChanged],
      [
        'logveil_tail_lines_withheld_total',
        'Lines withheld after an error',
        () => tally.anomalies.linesWithheld,
      ],
      [
        'logveil_tail_lines_passed_total',
        'Lines passed raw by --on-error pass',
        () => tally.anomalies.linesPassedOnError,
      ],
      ['logveil_tail_findings_total', 'Values found', () => tally.findings],
      ['logveil_tail_files', 'Files that are followed', () => tail.files],
      ['logveil_tail_held_bytes', 'Bytes held for what belongs to them', () => tail.heldBytes],
      ['logveil_tail_queued_writes', 'Writes the output has not accepted', () => tail.queued],
      ['logveil_tail_checkpoints_total', 'Checkpoints written', () => tail.checkpoints],
      ['logveil_tail_output_ready', 'Whether the output takes lines', () => (isOutputReady() ? 1 : 0)],
    ];
    for (const [name, help, value] of values) {
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value());
        },
      });
    }
    registerStages(this.#registry, () => tail.stages());
    registerCaughtErrors(this.#registry, () => tail.caught());
  }
}
