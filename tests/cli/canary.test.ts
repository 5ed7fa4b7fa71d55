/**
 * Canaries: unique values planted into the input of every command, with every option and every failure that can be
 * provoked. None may come out again: not in the output, a message, a finding, a summary, a file left behind or the
 * process list. Pieces of them and their usual encodings count too.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finished, type RunResult, runCli, runShell, startCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { bytesRead, HAS_PROC, until } from '../support/processes.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const CANARIES = {
  email: ['canary.q7xw', 'qzvk-mailbox.example.org'].join('@'),
  card: ['4539', '1488', '0343', '6467'].join(''),
  password: ['cNry', 'Pw7261', 'xQzWv9'].join('-'),
  awsKey: `AKIA${'QZ7XCANARYK3WPLM'}`,
  calKey: `cal_live_${'9f3b7c1e5a2d8064b1f7e3c95d0a8b26'}`,
  slackToken: ['xoxb', '731062845193', '846201957314', 'uTgWbNxKrPzYcLqVmSdFhJaE'].join('-'),
  jwtPart: 'eyJzdWIiOiJjYW5hcnktcTd4dyIsImFkbWluIjp0cnVlfQ',
  pemLine: 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0cAnArYqZ7xWvKpLmRtNbHsJdF',
} as const;

const JWT = ['eyJhbGciOiJIUzI1NiJ9', CANARIES.jwtPart, 'q7xWcAnArYsIgNaTuReOf43BytesLongEnoughToBe1'].join(
  '.',
);
const { email, card, password, awsKey, calKey, slackToken, pemLine } = CANARIES;

const LOG = `2026-03-14T09:21:07Z INFO signup mail=${email} card=${card}
{"level":"info","password":"${password}","nested":{"to":"${email}","msg":"card ${card}"}}
2026-03-14T09:21:08Z WARN login failed password=${password} for ${email}
GET /v1/slots?apiKey=${calKey}&x=1 HTTP/1.1 aws_access_key_id=${awsKey}
Authorization: Bearer ${JWT}
slack ${slackToken} posted
key loaded:
-----BEGIN PRIVATE KEY-----
${pemLine}
${pemLine}
-----END PRIVATE KEY-----
{"tls":"-----BEGIN PRIVATE KEY-----\\n${pemLine}\\n-----END PRIVATE KEY-----\\n"}
done
`;

/** The same values where a parser of YAML stumbles over them, each in its own file. */
const MISTAKEN_YAML: Readonly<Record<string, string>> = {
  'the log': LOG,
  'a field': `schema: logveil.rules/1\n${password}: 1\n${email}: 2\n"${card}": 3\n`,
  'a nested field': `mask:\n  ${email}: 1\nactions:\n  rules: { "${email}": shred }\nrules:\n  - id: ${email}\n    ${password}: 1\n`,
  'a value': `schema: ${email}\nrules: ${password}\naction: ${password}\nmaxLine: ${calKey}\nlogLevel: ${email}\n`,
  'an alias': `rules: *${password}\n`,
  'a tag': `rules: !${password} [a]\naction: !<${email}> b\n`,
  'a directive': `%${password} ${email}\n---\na: 1\n`,
  'a block header': `rules: |${email}\n  ${password}\n`,
  'an escape': `rules: "\\U${card}"\n`,
  'flow rubbish': `rules: [a, {b: ${email}\n] ${password} }\n`,
  'text behind the document': `{"a": 1} ${email}\n"${password}" ${card}\n`,
  'a key that is a map': `? { mail: ${email} }\n: ${password}\n`,
};

/** Long enough to be no coincidence, short enough to catch a value that was cut. */
const PIECE_LENGTH = 9;

/** Every way in which a canary could show, as text to search for. */
const TRACES: readonly string[] = [...Object.values(CANARIES)].flatMap((value) => {
  const pieces = Array.from({ length: Math.max(1, value.length - PIECE_LENGTH + 1) }, (_, at) =>
    value.slice(at, at + PIECE_LENGTH),
  );
  return [...pieces, Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64').slice(0, -4)];
});

function tracesIn(text: string): string[] {
  return TRACES.filter((trace) => text.includes(trace));
}

interface Place {
  readonly work: string;
  readonly temporary: string;
}

/** A working directory and a directory for temporary files, both empty. */
function newPlace(): Place {
  const folder = temporaryFolder();
  const place = { work: join(folder, 'work'), temporary: join(folder, 'tmp') };
  mkdirSync(place.work);
  mkdirSync(place.temporary);
  return place;
}

const environment = (place: Place): Record<string, string> => ({
  TMPDIR: place.temporary,
  LOGVEIL_KEY: TEST_KEY,
});

/** Looks for canaries in all a run left behind. */
function expectNoTrace(place: Place, run: RunResult, inputs: readonly string[], isRawWanted = false): void {
  const found: Record<string, string[]> = { stderr: tracesIn(run.stderr) };
  if (!isRawWanted) found.stdout = tracesIn(run.stdout.toString('latin1'));
  for (const name of readdirSync(place.work)) {
    if (!inputs.includes(name)) found[name] = tracesIn(readFileSync(join(place.work, name), 'latin1'));
  }
  expect(Object.entries(found).filter(([, traces]) => traces.length > 0)).toEqual([]);
  expect(readdirSync(place.temporary)).toEqual([]);
}

const OUTPUTS = ['--findings', 'findings.jsonl', '--summary', 'summary.json', '--stats'];

describe('what runs well', () => {
  it.each([
    ['by default, verbose', ['--verbose']],
    ['all rules', ['--rules', 'all']],
    ['log level trace', ['--log-level', 'trace']],
    ['mask', ['--action', 'mask']],
    ['pseudonymize', ['--action', 'pseudonymize']],
    ['remove', ['--action', 'remove']],
    ['drop-line', ['--action', 'drop-line']],
    ['small windows', ['--max-line', '1KiB', '--overlap', '256']],
    ['on-error pass without an error', ['--on-error', 'pass', '--fail-on', 'low']],
  ])('redact, %s', async (_, args) => {
    const place = newPlace();
    const run = await runCli([...args, ...OUTPUTS], { cwd: place.work, env: environment(place), input: LOG });
    expect(run.code).toBe(args.includes('--fail-on') ? 1 : 0);
    expect(readFileSync(join(place.work, 'findings.jsonl'), 'utf8').split('\n').length).toBeGreaterThan(10);
    expectNoTrace(place, run, []);
  });

  it('redact, action keep: the output is raw because that was asked for, all else is not', async () => {
    const place = newPlace();
    const run = await runCli(['--action', 'keep', '--log-level', 'trace', ...OUTPUTS], {
      cwd: place.work,
      env: environment(place),
      input: LOG,
    });
    expect(run.stdout.toString()).toBe(LOG);
    expectNoTrace(place, run, [], true);
  });

  it('redact, in a line longer than a window', async () => {
    const place = newPlace();
    const values = [email, `password=${password}`, calKey, slackToken, `card ${card}`];
    const line = Buffer.concat(
      Array.from({ length: 60 }, (_, number) =>
        Buffer.concat([filler(20_011, number + 1), Buffer.from(` ${values[number % values.length]} `)]),
      ),
    );
    const run = await runCli(OUTPUTS, { cwd: place.work, env: environment(place), input: line });
    expect(run.code).toBe(0);
    expectNoTrace(place, run, []);
  });

  it.each(['text', 'jsonl'])('audit as %s', async (format) => {
    const place = newPlace();
    writeFiles(place.work, { 'app.txt': LOG });
    const args = ['audit', '--rules', 'all', '--format', format, '--log-level', 'trace', '--stats'];
    const run = await runCli([...args, '--summary', 'summary.json', 'app.txt'], {
      cwd: place.work,
      env: environment(place),
    });
    expect(run.code).toBe(1);
    expect(run.stdout.toString().split('\n').length).toBeGreaterThan(10);
    expectNoTrace(place, run, ['app.txt']);
  });
});

describe('what goes wrong', () => {
  const FAULTS = join(import.meta.dirname, 'faultyEngine.mjs');

  it.each([
    ['withheld', [], /^\[LOGVEIL: line withheld: engine error\]$/m],
    ['withheld in windows', ['--max-line', '256'], /\[LOGVEIL: line withheld: engine error\]/],
    ['passed on request', ['--on-error', 'pass'], /./],
  ])('an engine that throws the line back: %s', async (_, args, expected) => {
    const place = newPlace();
    const run = await runCli([...args, '--log-level', 'trace', ...OUTPUTS], {
      cwd: place.work,
      env: { ...environment(place), LOGVEIL_TEST_FAULT: 'match' },
      nodeArgs: ['--import', FAULTS],
      input: LOG,
    });
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toMatch(expected);
    // Why, in code: once, and without the error's text.
    expect(run.stderr.match(/"error":"Error","at":"at [^"]*faultyEngine\.mjs[^"]*"/g)).toHaveLength(1);
    expectNoTrace(place, run, [], args.includes('pass'));
  });

  it('an audit whose engine throws the line back', async () => {
    const place = newPlace();
    writeFiles(place.work, { 'app.txt': LOG });
    const run = await runCli(['audit', '--log-level', 'trace', '--summary', 'summary.json', 'app.txt'], {
      cwd: place.work,
      env: { ...environment(place), LOGVEIL_TEST_FAULT: 'match' },
      nodeArgs: ['--import', FAULTS],
    });
    expect(run.code).toBe(2);
    expectNoTrace(place, run, ['app.txt']);
  });

  it.each([['redact'], ['audit']])('a bug in %s that throws what it holds', async (command) => {
    const place = newPlace();
    writeFiles(place.work, { 'app.txt': LOG });
    const run = await runCli([command, '--log-level', 'trace', 'app.txt'], {
      cwd: place.work,
      env: { ...environment(place), LOGVEIL_TEST_FAULT: 'split' },
      nodeArgs: ['--import', FAULTS],
    });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('internal error (Error)') });
    expectNoTrace(place, run, ['app.txt']);
  });

  it.each(['exception', 'rejection'])('an error that nobody catches: %s', async (fault) => {
    const place = newPlace();
    const child = startCli([], {
      cwd: place.work,
      env: { ...environment(place), LOGVEIL_TEST_FAULT: fault, LOGVEIL_TEST_FAULT_TEXT: LOG },
      nodeArgs: ['--import', FAULTS],
    });
    // Standard input stays open: only the fault ends the run.
    const run = await finished(child);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('internal error (Error)') });
    expectNoTrace(place, run, []);
  });

  it.each(Object.entries(MISTAKEN_YAML))('canaries as configuration: %s', async (_, text) => {
    const place = newPlace();
    writeFiles(place.work, { 'app.yaml': text });
    const run = await runCli(['--config', './app.yaml', '--log-level', 'trace'], {
      cwd: place.work,
      env: environment(place),
    });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(/app\.yaml:\d+:\d+: /) });
    expectNoTrace(place, run, ['app.yaml']);
  });

  it('canaries as rules', async () => {
    const place = newPlace();
    const texts = Object.values(MISTAKEN_YAML);
    writeFiles(place.work, Object.fromEntries(texts.map((text, index) => [`rules/${index}.yaml`, text])));
    writeFiles(place.work, { 'app.txt': LOG });
    const options = { cwd: place.work, env: environment(place) };
    const folder = await runCli(['--rules', 'rules', '--log-level', 'trace'], options);
    expect(folder.code).toBe(2);
    for (const index of texts.keys())
      expect(folder.stderr).toMatch(new RegExp(`^rules/${index}\\.yaml:\\d`, 'm'));
    expectNoTrace(place, folder, ['rules', 'app.txt']);
    const log = await runCli(['--rules', './app.txt', 'app.txt'], options);
    expect(log).toMatchObject({ code: 2, stdout: Buffer.alloc(0) });
    expectNoTrace(place, log, ['rules', 'app.txt']);
  });

  it('canaries in the key file and in the environment', async () => {
    const place = newPlace();
    writeFiles(place.work, { key: LOG, short: calKey });
    for (const file of ['key', 'short']) {
      const run = await runCli(['--key-file', file], { cwd: place.work, env: environment(place) });
      expect(run.code).toBe(2);
      expectNoTrace(place, run, ['key', 'short']);
    }
    for (const name of ['KEY', 'ACTION', 'ENGINE', 'MAX_LINE', 'OVERLAP', 'ON_ERROR', 'LOG_LEVEL']) {
      const env = { ...environment(place), [`LOGVEIL_${name}`]: password };
      const run = await runCli([], { cwd: place.work, env });
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(`LOGVEIL_${name}`) });
      expectNoTrace(place, run, ['key', 'short']);
    }
  });

  it('a findings file on a full disk, an output on a full disk, an input that is missing', async () => {
    const place = newPlace();
    writeFiles(place.work, { 'app.txt': LOG });
    const options = { cwd: place.work, env: environment(place) };
    const verbose = ['--log-level', 'trace', 'app.txt'];
    const lost = await runCli(['--findings', '/dev/full', '--summary', 'summary.json', ...verbose], options);
    expect(lost.code).toBe(2);
    expectNoTrace(place, lost, ['app.txt']);
    const unwritten = await runShell('"$@" > /dev/full', verbose, options);
    expect(unwritten.code).toBe(2);
    expectNoTrace(place, unwritten, ['app.txt']);
    const missing = await runCli([...verbose, 'missing.txt', '.'], options);
    expect(missing.code).toBe(2);
    expectNoTrace(place, missing, ['app.txt']);
  });

  it.skipIf(!HAS_PROC)('being stopped in the middle of a key; and nothing in the process list', async () => {
    const place = newPlace();
    const child = startCli(OUTPUTS, { cwd: place.work, env: environment(place) });
    const run = finished(child);
    await until(() => bytesRead(child) > 0);
    const middle = LOG.indexOf(pemLine) + pemLine.length / 2;
    const before = bytesRead(child);
    let isAnswered = false;
    child.stdout?.once('data', () => {
      isAnswered = true;
    });
    child.stdin?.write(LOG.slice(0, middle));
    await until(() => isAnswered && bytesRead(child) >= before + middle);
    for (const file of ['cmdline', 'comm']) {
      expect(tracesIn(readFileSync(`/proc/${child.pid}/${file}`, 'utf8'))).toEqual([]);
    }
    child.kill('SIGTERM');
    const result = await run;
    expect(result.code).toBe(2);
    expectNoTrace(place, result, []);
  });
});
