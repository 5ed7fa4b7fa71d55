/** Messages to systemd, on a datagram socket of the test's own (Node has none: python3 holds it). */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/processes.ts';
import { TailFolder } from '../support/tail.ts';

const HAS_PROGRAMS =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['--version']).status === 0;

const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    with open(sys.argv[2], 'ab', 0) as f:
        f.write(s.recv(4096) + b'\\n---\\n')
`;

test.skipIf(!HAS_PROGRAMS)(
  'ready, alive and stopping are told (skipped without systemd-notify or python3)',
  { timeout: 30_000 },
  async () => {
    const files = new TailFolder();
    const socket = join(files.folder, 'notify');
    const got = join(files.folder, 'got');
    writeFileSync(join(files.folder, 'receive.py'), RECEIVER);
    const receiver = spawn('python3', [join(files.folder, 'receive.py'), socket, got], { stdio: 'ignore' });
    onTestFinished(() => void receiver.kill('SIGKILL'));
    await until(() => existsSync(socket));
    const told = (): string => (existsSync(got) ? readFileSync(got, 'utf8') : '');
    files.write(1);
    const tail = files.start([], { env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' } });
    await until(() => told().includes('READY=1'));
    await until(() => told().split('WATCHDOG=1').length > 2);
    await tail.stop();
    await until(() => told().includes('STOPPING=1'));
    expect(told()).not.toContain('@toy');
  },
);
