// Speed of the kernel by itself: node bench/kernel/bench.mjs [megabytes]
//
// Every figure comes after its count was checked: the matches on a sample are compared with plain RE2's, and the whole
// text must give the same count in each round. Texts: real logs ($LOGVEIL_CORPORA or ../shared/corpora, folder loghub)
// joined and repeated, and a synthetic access log with an address on each line. Patterns: seeded random literals in the
// shapes secret rules have, so they say nothing of a particular rule pack. Figures are CPU time of this process, medians
// of five rounds; the text is copied into the kernel's memory as part of each.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import RE2 from 're2';

const root = fileURLToPath(new URL('../..', import.meta.url));
const megabytes = Number(process.argv[2] ?? 64);
const ROUNDS = 5;
const BLOCK_BYTES = 1 << 20;
const SAMPLE_BYTES = 2 << 20;

const { KernelEngine } = await loadEngine();
const texts = { 'real logs': realLogs(), 'access log': accessLog() };
const sets = {
  '15 literals': literals(15),
  '60 literals': literals(60),
  '500 literals': literals(500),
  ipv4: ['\\b(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}\\b'],
  email: [
    '[A-Za-z0-9._%+\\-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?\\.){1,8}[A-Za-z]{2,24}',
  ],
  'hex of 32': ['\\b[0-9a-f]{32}\\b'],
};
process.stdout.write(`# ${process.version}, ${cpus()[0]?.model.trim()}, ${megabytes} MB a text\n`);
process.stdout.write('text,patterns,compile_ms,scan_MB_s,scan_match_MB_s,matches,expected_stops\n');
for (const [textName, text] of Object.entries(texts)) {
  if (text === undefined) continue;
  const blocks = cut(text);
  const bytes = blocks.reduce((sum, block) => sum + block.length, 0);
  for (const [setName, sources] of Object.entries(sets)) {
    const specs = sources.map((source) => ({ source, group: 0 }));
    const compileStart = performance.now();
    const engine = new KernelEngine(specs);
    const compileMs = performance.now() - compileStart;
    checkSample(engine, specs, text.subarray(0, text.lastIndexOf(10, SAMPLE_BYTES) + 1));
    const scans = [];
    const matches = [];
    let count = -1;
    for (let round = 0; round < ROUNDS; round++) {
      scans.push(
        time(() => {
          for (const block of blocks) {
            engine.window.set(block);
            engine.scan(0, block.length);
          }
        }),
      );
      let found = 0;
      matches.push(
        time(() => {
          for (const block of blocks) found += run(engine, block);
        }),
      );
      if (count >= 0 && count !== found) throw new Error(`${setName}: ${found} matches after ${count}`);
      count = found;
    }
    const rate = (times) => Math.round(bytes / 1e3 / median(times));
    process.stdout.write(
      `${textName},${setName},${compileMs.toFixed(0)},${rate(scans)},${rate(matches)},${count},${engine.expectedStops.toFixed(4)}\n`,
    );
  }
}

function run(engine, block) {
  engine.window.set(block);
  engine.scan(0, block.length);
  let found = 0;
  while (engine.next()) found += 1;
  return found;
}

function checkSample(engine, specs, sample) {
  const got = new Array(specs.length).fill(0);
  for (const block of cut(sample)) {
    engine.window.set(block);
    engine.scan(0, block.length);
    while (engine.next()) got[engine.match.pattern] += 1;
  }
  const lines = [];
  for (let start = 0; start < sample.length; ) {
    let end = sample.indexOf(10, start);
    if (end < 0) end = sample.length;
    lines.push(sample.subarray(start, end));
    start = end + 1;
  }
  for (const [pattern, { source }] of specs.entries()) {
    const regex = new RE2(source, 'gu');
    let wanted = 0;
    // The whole sample first: patterns that never match are done with one call.
    if (regex.test(sample)) {
      for (const line of lines) {
        regex.lastIndex = 0;
        while (regex.exec(line) !== null) wanted += 1;
      }
    }
    if (wanted !== got[pattern])
      throw new Error(`${source}: RE2 finds ${wanted}, the kernel ${got[pattern]}`);
  }
}

function time(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Blocks of complete lines. */
function cut(text) {
  const blocks = [];
  for (let at = 0; at < text.length; ) {
    const most = Math.min(at + BLOCK_BYTES, text.length);
    const end = most === text.length ? most : text.lastIndexOf(10, most - 1) + 1;
    if (end <= at) throw new Error('a line longer than a block');
    blocks.push(text.subarray(at, end));
    at = end;
  }
  return blocks;
}

function repeated(piece) {
  const times = Math.ceil((megabytes * 1e6) / piece.length);
  return Buffer.concat(new Array(times).fill(piece));
}

function realLogs() {
  const folder = join(process.env.LOGVEIL_CORPORA ?? join(root, '../shared/corpora'), 'loghub');
  if (!existsSync(folder)) {
    process.stderr.write(`no logs at ${folder}: set LOGVEIL_CORPORA\n`);
    return undefined;
  }
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort();
  const ended = files
    .map((name) => readFileSync(join(folder, name)))
    .map((file) => (file.at(-1) === 10 ? file : Buffer.concat([file, Buffer.from('\n')])));
  return repeated(Buffer.concat(ended));
}

function accessLog() {
  const random = generator(7);
  const byte = () => Math.floor(random() * 256);
  let lines = '';
  for (let i = 0; i < 5000; i++) {
    lines += `${byte()}.${byte()}.${byte()}.${byte()} - - [10/Oct/2026:13:55:${String(i % 60).padStart(2, '0')} +0000] `;
    lines += `"GET /shop/item/${i} HTTP/1.1" 200 ${byte() * 40} "-" "Mozilla/5.0 (X11; Linux x86_64)"\n`;
  }
  return repeated(Buffer.from(lines));
}

/** A third each: lower-case prefixes, folded keywords with a value, upper-case prefixes. */
function literals(count) {
  const random = generator(1);
  const word = (alphabet) => {
    let out = '';
    for (let n = 4 + Math.floor(random() * 4); n > 0; n--)
      out += alphabet[Math.floor(random() * alphabet.length)];
    return out;
  };
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return `\\b${word('abcdefghijklmnopqrstuvwxyz0123456789_-')}[A-Za-z0-9]{16,36}\\b`;
    if (i % 3 === 1) return `(?i)${word('abcdefghijklmnopqrstuvwxyz_')}["'=: ]{1,3}([a-z0-9]{16,40})`;
    return `\\b${word('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}[A-Z0-9]{16}\\b`;
  });
}

function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** The engine, bundled for this run with its .wasm beside it. */
async function loadEngine() {
  const out = mkdtempSync(join(tmpdir(), 'logveil-bench-'));
  process.on('exit', () => rmSync(out, { recursive: true, force: true }));
  const entry = join(root, 'src/kernel/engine.ts');
  const tsdown = join(root, 'node_modules/.bin/tsdown');
  execFileSync(
    tsdown,
    [entry, '--format', 'esm', '--no-dts', '--out-dir', out, '--no-config', '--logLevel', 'silent'],
    { cwd: root },
  );
  copyFileSync(join(root, 'src/kernel/kernel.wasm'), join(out, 'kernel.wasm'));
  const name = readdirSync(out).find((file) => /^engine\.m?js$/.test(file));
  // The bundle stands outside of the package; RE2 is resolved from here.
  const bundle = join(out, name);
  const re2 = pathToFileURL(fileURLToPath(import.meta.resolve('re2'))).href;
  writeFileSync(
    bundle,
    readFileSync(bundle, 'utf8').replace(/from\s*["']re2["']/g, `from ${JSON.stringify(re2)}`),
  );
  return import(pathToFileURL(bundle).href);
}
