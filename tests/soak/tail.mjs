/**
 * `npm run soak -- --kills 500`: a writer that writes and rotates without pause, and a `logveil tail` that is killed with
 * SIGKILL at random moments and started again. At the end every line is looked for. The last line is the verdict:
 *
 *     verdict PASS: kills 500, lines 123456, lost 0, raw 0, duplicates 0
 *
 * `--output stdout` reads standard output in place of a file: there duplicates are counted and allowed.
 * `--seconds 600 --rate 50` is the other soak: no kills, so many MB/s, rotations, memory and counts watched.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const CLI = process.env.LOGVEIL_CLI ?? resolve(import.meta.dirname, '../../dist/cli.js');
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    output: { type: 'string', default: 'file' },
    seconds: { type: 'string', default: '0' },
    rate: { type: 'string', default: '50' },
    folder: { type: 'string' },
  },
});
const folder = mkdtempSync(join(values.folder ?? tmpdir(), 'logveil-soak-'));
const logs = join(folder, 'logs');
const log = join(logs, 'app.log');
const out = join(folder, 'out.log');
mkdirSync(logs);

const RULES = `schema: logveil.rules/1
rules:
  - id: soak-mail
    description: Address at the toy domain
    entity: EMAIL_ADDRESS
    category: pii
    gdpr: [art4(1)]
    severity: medium
    confidence: 0.9
    patterns:
      - regex: 'user-[0-9]{1,12}@toy\\.example'
    keywords: ['@toy']
    examples:
      - text: 'to user-7@toy.example'
        match: user-7@toy.example
`;
writeFileSync(join(folder, 'rules.yaml'), RULES);

let line = 0;
let rotations = 0;
let fd = openSync(log, 'a');
const KEEP = 80;
const MOST_BEHIND_BYTES = 2_000_000;
const MOST_BEHIND_AT_RATE_BYTES = 150_000_000;

function shift() {
  for (let n = KEEP; n >= 1; n--) {
    for (const end of ['', '.gz'])
      if (existsSync(`${log}.${n}${end}`)) renameSync(`${log}.${n}${end}`, `${log}.${n + 1}${end}`);
  }
  rmSync(`${log}.${KEEP + 1}`, { force: true });
  rmSync(`${log}.${KEEP + 1}.gz`, { force: true });
  rotations++;
}

function rotate(isCompressing) {
  shift();
  if (Math.random() < 0.5) {
    renameSync(log, `${log}.1`);
    closeSync(fd);
    fd = openSync(log, 'a');
  } else {
    copyFileSync(log, `${log}.1`);
    truncateSync(log, 0);
  }
  const old = `${log}.2`;
  if (!isCompressing || !existsSync(old)) return;
  const { atime, mtime } = statSync(old);
  writeFileSync(`${old}.gz.tmp`, gzipSync(readFileSync(old), { level: 1 }));
  utimesSync(`${old}.gz.tmp`, atime, mtime);
  renameSync(`${old}.gz.tmp`, `${old}.gz`);
  rmSync(old);
}

function text(count) {
  let lines = '';
  for (let i = 0; i < count; i++) {
    const mail = line % 5 === 0 ? ` to user-${line}@toy.example` : '';
    lines += `id=${line++}${mail} some words that nobody looks for, again and again\n`;
  }
  return lines;
}

function start(extra = []) {
  const args = [
    CLI,
    'tail',
    log,
    '--rules',
    join(folder, 'rules.yaml'),
    '--state',
    join(folder, 'state'),
    ...extra,
  ];
  args.push('-o', values.output === 'stdout' ? '-' : out, '--checkpoint-every', '50ms', '--poll', '20ms');
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', values.output === 'stdout' ? openSync(out, 'a') : 'ignore', 'inherit'],
  });
  return { child, ended: new Promise((done) => child.once('close', done)) };
}

/** @returns how often each line came out, and how many raw values */
async function check(path) {
  const seen = new Uint8Array(line);
  let raw = 0;
  for await (const row of createInterface({ input: createReadStream(path) })) {
    if (row.includes('@toy.example')) raw++;
    const id = /^id=(\d+)/.exec(row)?.[1];
    if (id !== undefined && Number(id) < line) seen[Number(id)]++;
  }
  let lost = 0;
  let duplicates = 0;
  for (const count of seen) {
    if (count === 0) lost++;
    if (count > 1) duplicates += count - 1;
  }
  return { lost, duplicates, raw };
}

/** Waits until the output has grown, some seconds at most. */
async function grown() {
  const size = () => (existsSync(out) ? statSync(out).size : 0);
  const before = size();
  for (let i = 0; i < 500 && size() === before; i++) await sleep(10);
}

async function settle(child) {
  await grown();
  let size = -1;
  for (let still = 0; still < 20; ) {
    await sleep(100);
    const now = statSync(out).size;
    still = now === size ? still + 1 : 0;
    size = now;
  }
  child.kill('SIGTERM');
}

async function killSoak(kills) {
  // What is rotated away before the first look is not asked for.
  const first = start();
  while (!existsSync(join(folder, 'state', 'checkpoint.json'))) await sleep(20);
  first.child.kill('SIGKILL');
  await first.ended;
  let isWriting = true;
  let written = 0;
  const writer = (async () => {
    while (isWriting) {
      await sleep(5);
      // A rotation deletes the oldest file, read or not: on a busy machine the reader is waited for.
      if (written - (existsSync(out) ? statSync(out).size : 0) > MOST_BEHIND_BYTES) continue;
      const lines = text(1 + Math.floor(Math.random() * 40));
      writeSync(fd, lines);
      written += lines.length;
      if (Math.random() < 0.02) rotate(Math.random() < 0.5);
    }
  })();
  for (let kill = 0; kill < kills; kill++) {
    const { child, ended } = start();
    // Some while it starts, the others once it writes.
    if (kill % 5 !== 0) await grown();
    await sleep(Math.random() * 300);
    child.kill('SIGKILL');
    await ended;
    if (kill % 50 === 49) console.log(`${kill + 1} kills, ${line} lines, ${rotations} rotations`);
  }
  isWriting = false;
  await writer;
  const { child, ended } = start();
  await settle(child);
  await ended;
  const { lost, duplicates, raw } = await check(out);
  const isGood = lost === 0 && raw === 0 && (values.output === 'stdout' || duplicates === 0);
  console.log(`rotations ${rotations}`);
  console.log(
    `verdict ${isGood ? 'PASS' : 'FAIL'}: kills ${kills}, lines ${line}, lost ${lost}, raw ${raw}, duplicates ${duplicates}`,
  );
  return isGood;
}

const memoryOf = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

/** Of all output files; those that are complete are asked for once. */
let wholeBytes = 0;
let wholeFiles = 0;
function outputBytes() {
  while (existsSync(`${out}.${wholeFiles + 1}`)) {
    wholeFiles++;
    wholeBytes += statSync(`${out}.1`).size;
  }
  return wholeBytes + (existsSync(out) ? statSync(out).size : 0);
}

async function rateSoak(seconds, megabytesPerSecond) {
  const { child, ended } = start(['--output-rotate-size', '64MiB', '--output-keep', '9999']);
  const memory = [];
  const startedAt = performance.now();
  let written = 0;
  let nextReport = 10;
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed >= seconds) break;
    // The oldest files are deleted, read or not: a machine that is slower is waited for.
    const isBehind = written - outputBytes() > MOST_BEHIND_AT_RATE_BYTES;
    if (written / 1e6 > elapsed * megabytesPerSecond || isBehind) {
      await sleep(2);
    } else {
      const chunk = text(4000);
      writeSync(fd, chunk);
      written += chunk.length;
      if (fstatSync(fd).size > 100e6) rotateForRate();
      await sleep(0);
    }
    if (elapsed >= nextReport) {
      memory.push(memoryOf(child.pid));
      console.log(`${Math.round(elapsed)} s, ${Math.round(written / 1e6)} MB written, ${memory.at(-1)} MiB`);
      nextReport += 10;
    }
  }
  const writtenSeconds = (performance.now() - startedAt) / 1000;
  await settle(child);
  await ended;
  const files = [out];
  for (let n = 1; existsSync(`${out}.${n}`); n++) files.push(`${out}.${n}`);
  const all = join(folder, 'all');
  for (const path of files.reverse()) appendFileSync(all, readFileSync(path));
  const { lost, duplicates, raw } = await check(all);
  const isFlat = Math.max(...memory.slice(1)) - Math.min(...memory.slice(1)) < 100;
  const isGood = lost === 0 && raw === 0 && duplicates === 0 && isFlat;
  console.log(
    `verdict ${isGood ? 'PASS' : 'FAIL'}: ${(written / 1e6 / writtenSeconds).toFixed(1)} MB/s for ${Math.round(writtenSeconds)} s, rotations ${rotations}, lines ${line}, lost ${lost}, raw ${raw}, duplicates ${duplicates}, memory ${Math.min(...memory)} to ${Math.max(...memory)} MiB`,
  );
  return isGood;
}

/** By name only, and few files kept: the disk has to hold them. */
function rotateForRate() {
  rmSync(`${log}.3`, { force: true });
  for (const n of [2, 1]) if (existsSync(`${log}.${n}`)) renameSync(`${log}.${n}`, `${log}.${n + 1}`);
  renameSync(log, `${log}.1`);
  closeSync(fd);
  fd = openSync(log, 'a');
  rotations++;
}

const seconds = Number(values.seconds);
const isGood =
  seconds > 0 ? await rateSoak(seconds, Number(values.rate)) : await killSoak(Number(values.kills));
if (isGood) rmSync(folder, { recursive: true });
else console.log(`kept: ${folder}`);
process.exitCode = isGood ? 0 : 1;
