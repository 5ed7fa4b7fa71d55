/**
 * rsyslog and syslog-ng as neighbours: they write files that are followed, run `logveil` as a child, and receive what
 * `logveil tail` sends. What docs/integrations/syslog.md says is what runs here. `LOGVEIL_SYSLOG_NG=/folder` points to an
 * unpacked package where syslog-ng can't be installed beside rsyslog.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CLI, cleanEnvironment } from '../support/cli.ts';
import { until } from '../support/processes.ts';
import { freePort } from '../support/redis.ts';
import { idsIn, idsTo, TailFolder } from '../support/tail.ts';

const TIMEOUT = { timeout: 60_000 };

/** One of the two, with the parts of a configuration that are used here. */
interface Neighbour {
  readonly name: string;
  readonly start: (folder: string, config: string) => ChildProcess;
  /** Takes lines on a port, and writes what they say to a file. */
  readonly toFile: (port: number, file: string) => string;
  /** Takes lines on a port, and gives what they say to a program's standard input. */
  readonly toProgram: (port: number, command: string, out: string) => string;
  /** Takes RFC 5424 with octet counting, and writes what the messages say to a file. */
  readonly fromUs: (port: number, file: string) => string;
}

function firstOf(...paths: string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}

function rsyslog(): Neighbour | undefined {
  const path = firstOf('/usr/sbin/rsyslogd', '/sbin/rsyslogd');
  if (path === undefined) return undefined;
  const head = `global(workDirectory="." maxMessageSize="64k")
module(load="imtcp")
template(name="message" type="string" string="%msg:2:$%\\n")
`;
  const input = (port: number): string =>
    `input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="r")\n`;
  const toFile = (port: number, file: string): string =>
    `${head}ruleset(name="r") { action(type="omfile" file="${file}" template="message") }\n${input(port)}`;
  return {
    name: 'rsyslog',
    start: (folder, config) => {
      const file = join(folder, 'rsyslog.conf');
      writeFileSync(file, config);
      return spawn(path, ['-n', '-f', file, '-i', join(folder, 'rsyslog.pid')], {
        cwd: folder,
        stdio: 'ignore',
      });
    },
    toFile,
    toProgram: (port, command, out) =>
      `${head}module(load="omprog")
ruleset(name="r") { action(type="omprog" binary="${command}" output="${out}" template="message") }
${input(port)}`,
    // A message of RFC 5424 has no space before it.
    fromUs: (port, file) => toFile(port, file).replace('%msg:2:$%', '%msg%'),
  };
}

function syslogNg(): Neighbour | undefined {
  const root = process.env.LOGVEIL_SYSLOG_NG ?? '';
  const path = firstOf(`${root}/usr/sbin/syslog-ng`, `${root}/sbin/syslog-ng`);
  if (path === undefined) return undefined;
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/syslog-ng'];
  const env = cleanEnvironment(
    root === '' ? {} : { LD_LIBRARY_PATH: libraries.map((one) => join(root, one)).join(':') },
  );
  const modules = ['3.38', '4.0', '']
    .map((version) => join(root, '/usr/lib/syslog-ng', version))
    .filter(existsSync);
  if (spawnSync(path, ['--version'], { env }).status !== 0) return undefined;
  const config = (source: string, destination: string): string => `@version: 3.35
options { stats-freq(0); };
source s_in { ${source} };
destination d_out { ${destination} };
log { source(s_in); destination(d_out); };
`;
  const lines = (port: number): string => `network(transport("tcp") ip("127.0.0.1") port(${port}));`;
  const file = (out: string): string => `file("${out}" template("$MSG\\n"));`;
  return {
    name: 'syslog-ng',
    start: (folder, text) => {
      const conf = join(folder, 'syslog-ng.conf');
      writeFileSync(conf, text);
      const state = ['-R', join(folder, 'p'), '-c', join(folder, 'c'), '-p', join(folder, 'pid')];
      const found = root === '' ? [] : [`--module-path=${modules.join(':')}`];
      return spawn(path, ['-F', '--no-caps', '-f', conf, ...state, ...found], {
        cwd: folder,
        env,
        stdio: 'ignore',
      });
    },
    toFile: (port, out) => config(lines(port), file(out)),
    toProgram: (port, command, out) =>
      config(lines(port), `program("${command} > ${out}" template("$MSG\\n"));`),
    fromUs: (port, out) => config(`syslog(transport("tcp") ip("127.0.0.1") port(${port}));`, file(out)),
  };
}

const NEIGHBOURS = [
  ['rsyslog', rsyslog()],
  ['syslog-ng', syslogNg()],
] as const;

async function listening(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

function started(neighbour: Neighbour, folder: string, config: string): ChildProcess {
  const child = neighbour.start(folder, config);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** RFC 3164 lines, as a program's syslog call gives them. */
function send(port: number, from: number, to: number): Promise<void> {
  let text = '';
  for (let id = from; id < to; id++)
    text += `<14>Nov 22 10:00:00 host app: id=${id} to user-${id}@toy.example end\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text, () => resolve()));
    socket.once('error', reject);
  });
}

/** A program that redacts its standard input. */
function redactScript({ folder }: TailFolder): string {
  const script = join(folder, 'redact.sh');
  writeFileSync(
    script,
    `#!/bin/sh\nexec ${process.execPath} ${CLI} redact --rules ${join(folder, 'rules.yaml')}\n`,
  );
  chmodSync(script, 0o755);
  return script;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

test.skipIf(!existsSync('/usr/lib/x86_64-linux-gnu/rsyslog/mmexternal.so'))(
  'rsyslog changes messages by logveil (skipped without mmexternal)',
  TIMEOUT,
  async () => {
    const neighbour = rsyslog() as Neighbour;
    const files = new TailFolder();
    const port = await freePort();
    const out = join(files.folder, 'clean.log');
    const script = redactScript(files);
    const config = neighbour
      .toFile(port, out)
      .replace(
        '{ action(type="omfile"',
        `{ action(type="mmexternal" binary="${script}" interface.input="fulljson") action(type="omfile"`,
      )
      .replace('module(load="imtcp")', 'module(load="imtcp")\nmodule(load="mmexternal")');
    started(neighbour, files.folder, config);
    await listening(port);
    await send(port, 0, 100);
    await until(() => idsIn(textOf(out)).length === 100);
    expect(idsIn(textOf(out))).toEqual(idsTo(100));
    expect(textOf(out)).not.toContain('@toy');
  },
);

for (const [name, neighbour] of NEIGHBOURS) {
  const only = test.skipIf(neighbour === undefined);

  only(`${name} writes a file that is followed (skipped without ${name})`, TIMEOUT, async () => {
    const files = new TailFolder();
    const port = await freePort();
    started(neighbour as Neighbour, files.folder, (neighbour as Neighbour).toFile(port, files.log));
    await listening(port);
    const tail = files.start();
    await tail.ready();
    await send(port, 0, 200);
    await until(() => idsIn(files.output()).length === 200);
    await tail.stop();
    expect(idsIn(files.output())).toEqual(idsTo(200));
    expect(files.output()).not.toContain('@toy');
  });

  only(`${name} runs logveil as a child (skipped without ${name})`, TIMEOUT, async () => {
    const files = new TailFolder();
    const port = await freePort();
    const out = join(files.folder, 'clean.log');
    const script = redactScript(files);
    started(neighbour as Neighbour, files.folder, (neighbour as Neighbour).toProgram(port, script, out));
    await listening(port);
    await send(port, 0, 200);
    await until(() => idsIn(textOf(out)).length === 200);
    expect(idsIn(textOf(out))).toEqual(idsTo(200));
    expect(textOf(out)).not.toContain('@toy');
  });

  only(`${name} receives what is sent by syslog over TCP (skipped without ${name})`, TIMEOUT, async () => {
    const files = new TailFolder();
    const port = await freePort();
    const received = join(files.folder, 'received');
    mkdirSync(received);
    const out = join(received, 'all.log');
    started(neighbour as Neighbour, files.folder, (neighbour as Neighbour).fromUs(port, out));
    await listening(port);
    files.write(200);
    const tail = files.start(['-o', `syslog://127.0.0.1:${port}`]);
    await until(() => idsIn(textOf(out)).length === 200);
    expect((await tail.stop()).code).toBe(0);
    expect(idsIn(textOf(out))).toEqual(idsTo(200));
    expect(textOf(out)).not.toContain('@toy');
  });
}
