/** What a machine does to a tail: full disks, failing devices, damaged checkpoints, files that can't be read. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { IS_ROOT, until } from '../support/processes.ts';
import { idsIn, idsTo, TailFolder } from '../support/tail.ts';

const NOBODY = 65_534;
const TIMEOUT = { timeout: 60_000 };
const CAN_MOUNT = canMount();

function canMount(): boolean {
  if (!IS_ROOT) return false;
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
  if (isMounted) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return isMounted;
}

test.skipIf(!CAN_MOUNT)(
  'a full disk: lines wait, none is half written, and all are there when it has room (skipped where nothing can be mounted)',
  TIMEOUT,
  async () => {
    const files = new TailFolder();
    const disk = join(files.folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk]);
    onTestFinished(() => void spawnSync('umount', ['-l', disk]));
    const out = join(disk, 'out.log');
    writeFileSync(out, '');
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(19 * 1024 * 1024));
    files.write(20);
    const tail = files.start(['-o', out]);
    await until(() => idsIn(readFileSync(out, 'utf8')).length === 20);
    files.write(100_000);
    await until(() => statSync(out).size > 900_000);
    let text = readFileSync(out, 'utf8');
    expect(text.endsWith('\n')).toBe(true);
    // Killed while the disk is full: what it had not made durable is cut, and comes again.
    await tail.stop('SIGKILL');
    truncateSync(ballast, 0);
    const next = files.start(['-o', out]);
    await until(() => idsIn(readFileSync(out, 'utf8')).length === files.lines);
    await next.stop();
    text = readFileSync(out, 'utf8');
    expect(idsIn(text)).toEqual(idsTo(files.lines));
    expect(text).not.toContain('@toy');
  },
);

const COMPILER = ['/usr/bin/cc', '/usr/bin/gcc'].find((path) => spawnSync(path, ['--version']).status === 0);

/** Reads and writes of files whose path has a word in it fail while another file is there. */
const FAILING_DEVICE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
static int fails(int fd) {
  char link[64], path[4096];
  const char *word = getenv("FAIL_WORD"), *flag = getenv("FAIL_FLAG");
  if (!word || !flag || access(flag, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return strstr(path, word) != NULL;
}
#define STAND_IN(name, type, ...) 
ssize_t pread(int fd, void *b, size_t n, off_t o) {
  static ssize_t (*real)(int, void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pread");
  if (fails(fd)) { errno = EIO; return -1; }
  return real(fd, b, n, o);
}
ssize_t pread64(int fd, void *b, size_t n, off_t o) {
  static ssize_t (*real)(int, void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pread64");
  if (fails(fd)) { errno = EIO; return -1; }
  return real(fd, b, n, o);
}
ssize_t write(int fd, const void *b, size_t n) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  if (fails(fd)) { errno = EIO; return -1; }
  return real(fd, b, n);
}
int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  if (fails(fd)) { errno = EIO; return -1; }
  return real(fd);
}
`.replace('#define STAND_IN(name, type, ...) \n', '');

function failingDevice(): string | undefined {
  if (COMPILER === undefined || process.platform !== 'linux') return undefined;
  const folder = temporaryFolder();
  const library = join(folder, 'fail.so');
  writeFileSync(join(folder, 'fail.c'), FAILING_DEVICE);
  const made = spawnSync(COMPILER, ['-shared', '-fPIC', '-o', library, join(folder, 'fail.c'), '-ldl']);
  return made.status === 0 ? library : undefined;
}

test.skipIf(COMPILER === undefined).each([['logs/app.log'], ['out.log']])(
  'a device that fails under %s for a while: no line is lost or comes twice (skipped without a C compiler)',
  TIMEOUT,
  async (word) => {
    const library = failingDevice();
    if (library === undefined) return;
    const files = new TailFolder();
    const flag = join(files.folder, 'flag');
    files.write(10);
    const env = { LD_PRELOAD: library, FAIL_WORD: word, FAIL_FLAG: flag };
    const tail = files.start([], { env });
    await until(() => idsIn(files.output()).length === 10);
    writeFileSync(flag, '');
    files.write(10);
    await new Promise((done) => setTimeout(done, 300));
    expect(idsIn(files.output())).toEqual(idsTo(10));
    rmSync(flag);
    await until(() => idsIn(files.output()).length === 20);
    const { code, stderr } = await tail.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('input/output error');
    expect(stderr).not.toContain('@toy');
    expect(idsIn(files.output())).toEqual(idsTo(20));
  },
);

test('a damaged checkpoint is set aside and told; nothing is skipped', TIMEOUT, async () => {
  const files = new TailFolder();
  files.write(10);
  const first = files.start();
  await until(() => idsIn(files.output()).length === 10);
  await first.stop();
  const path = join(files.state, 'checkpoint.json');
  const whole = readFileSync(path);
  const damages: readonly Buffer[] = [
    Buffer.alloc(0),
    whole.subarray(0, whole.length / 2),
    Buffer.alloc(whole.length),
    Buffer.from(whole.map((byte, at) => (at === whole.length - 20 ? byte ^ 1 : byte))),
  ];
  for (const [index, damage] of damages.entries()) {
    writeFileSync(path, damage);
    rmSync(files.out);
    const tail = files.start(['--once']);
    const { code, stderr } = await tail.end;
    expect(code).toBe(0);
    expect(stderr).toContain('the checkpoint is damaged');
    expect(idsIn(files.output())).toEqual(idsTo(10));
    const aside = readdirSync(files.state).filter((name) => name.includes('corrupt'));
    expect(aside.length).toBe(index + 1);
  }
});

test('a checkpoint of another release is refused, and left alone', TIMEOUT, async () => {
  const files = new TailFolder();
  files.write(1);
  await files.start(['--once']).end;
  const path = join(files.state, 'checkpoint.json');
  const { createHash } = await import('node:crypto');
  const body = readFileSync(path, 'utf8')
    .split('\n')
    .slice(1)
    .join('\n')
    .replace('logveil.tail/2', 'logveil.tail/9');
  writeFileSync(path, `${createHash('sha256').update(body).digest('hex')}\n${body}`);
  const { code, stderr } = await files.start(['--once']).end;
  expect(code).toBe(2);
  expect(stderr).toContain('version 9');
  expect(readFileSync(path, 'utf8')).toContain('logveil.tail/9');
});

test('a file that may not be read is read when it may', TIMEOUT, async () => {
  const files = new TailFolder();
  files.write(3);
  chmodSync(files.log, 0);
  // Nothing is closed to root.
  const user = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
  if (IS_ROOT) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, files.folder]);
  const tail = files.start([], user);
  await until(() => tail.child.exitCode !== null || tail.said().includes('permission denied'));
  chmodSync(files.log, 0o644);
  await until(() => idsIn(files.output()).length === 3);
  // Lost, and regained under another name.
  const next = openSync(`${files.log}.new`, 'w', 0);
  writeSync(next, 'id=3 end\n');
  closeSync(next);
  renameSync(files.log, `${files.log}.1`);
  renameSync(`${files.log}.new`, files.log);
  await until(() => tail.said().split('permission denied').length > 2 || idsIn(files.output()).length > 3);
  chmodSync(files.log, 0o644);
  await until(() => idsIn(files.output()).length === 4);
  await tail.stop();
  expect(idsIn(files.output())).toEqual(idsTo(4));
});

test('a hole that a truncation has left is passed over', TIMEOUT, async () => {
  const files = new TailFolder();
  const before = `${'x'.repeat(99)}\n`.repeat(3000);
  // Without O_APPEND: it goes on where it was.
  const fd = openSync(files.log, 'w');
  writeSync(fd, before);
  const tail = files.start();
  await until(() => files.output().length === before.length);
  truncateSync(files.log, 0);
  writeSync(fd, 'id=0 end\n');
  await until(() => idsIn(files.output()).length === 1);
  writeSync(fd, 'id=1 end\n');
  await until(() => idsIn(files.output()).length === 2);
  closeSync(fd);
  await tail.stop();
  expect(files.output()).toBe(`${before}id=0 end\nid=1 end\n`);
});
