/**
 * Tells systemd that we are ready, alive and stopping (sd_notify(3)). Node has no Unix datagram sockets, so the program
 * `systemd-notify` that comes with systemd sends the messages; with NotifyAccess=all, since they come from a child.
 */
import { execFile } from 'node:child_process';

const US_IN_MS = 1000;

export class Systemd {
  readonly #env: NodeJS.ProcessEnv;
  readonly #watchdogMs: number | undefined;
  #notifiedAt = 0;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    const us = Number(env.WATCHDOG_USEC);
    // Twice as often as asked for (sd_watchdog_enabled(3)).
    this.#watchdogMs = Number.isFinite(us) && us > 0 ? us / US_IN_MS / 2 : undefined;
  }

  ready(): void {
    this.#send('READY=1');
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  alive(): void {
    if (this.#watchdogMs === undefined) return;
    const now = performance.now();
    if (now - this.#notifiedAt < this.#watchdogMs) return;
    this.#notifiedAt = now;
    this.#send('WATCHDOG=1');
  }

  /** Nobody is told when it fails: systemd itself notices. */
  #send(message: string): void {
    const { NOTIFY_SOCKET, PATH = '/usr/bin:/bin' } = this.#env;
    if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return;
    const env = { NOTIFY_SOCKET, PATH };
    execFile('systemd-notify', [`--pid=${process.pid}`, message], { env }, () => {});
  }
}
