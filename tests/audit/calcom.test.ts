/** What an audit asks of Cal.com, as a user runs it, against the stand-in: whether keys work, and reviews. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type StandInCalcom, standInCalcom } from '../support/calcom.ts';
import { type RunResult, runCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';

const OURS = 'cal_live_ad770cb5f57b4495f1fbcb401ca9f2b3';
const LIVE = 'cal_live_0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e';
const REVOKED = 'cal_938ef3eb537e7362853916848f299e59';
const ACCEPTED = 'cal_test_5e0894d274b730853094971a20bbf67b';

const LOG = [
  'INFO nothing to see',
  `DEBUG GET https://api.cal.com/v2/bookings Authorization: Bearer ${LIVE}`,
  `{"level":"warn","calcom_api_key":"${REVOKED}"}`,
  `DEBUG again ${LIVE}`,
  `DEBUG fine ${ACCEPTED} # logveil:allow calcom-api-key`,
  'DEBUG mail to anna@example.com',
  '',
].join('\n');

interface Scene {
  readonly folder: string;
  readonly calcom: StandInCalcom;
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<RunResult>;
}

async function scene(settings = ''): Promise<Scene> {
  const folder = temporaryFolder();
  const calcom = await standInCalcom();
  calcom.keys.add(LIVE).add(OURS);
  writeFiles(folder, {
    'app.log': LOG,
    'logveil.yaml': `calcom: { url: '${calcom.url}' }\n${settings}`,
    'tmp/.keep': '',
  });
  const run: Scene['run'] = async (args, env = {}) => {
    const result = await runCli(['audit', 'app.log', '--rules', 'default', ...args], {
      cwd: folder,
      env: { LOGVEIL_KEY: TEST_KEY, TMPDIR: join(folder, 'tmp'), ...env },
    });
    holdsNoKey(folder, result);
    return result;
  };
  return { folder, calcom, run };
}

/** In no output, message, temporary file, or anything else it has left. */
function holdsNoKey(folder: string, { stdout, stderr }: RunResult): void {
  const left = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'app.log' && statSync(join(folder, name)).isFile())
    .map((name) => readFileSync(join(folder, name), 'latin1'));
  for (const text of [stdout.toString('latin1'), stderr, ...left])
    for (const key of [OURS, LIVE, REVOKED, ACCEPTED]) expect(text).not.toContain(key.slice(4));
}

interface Checks {
  readonly url: string;
  readonly counts: object;
  readonly keys: readonly {
    readonly fingerprint: string;
    readonly state: string;
    readonly reason?: string;
  }[];
}

async function json(
  { run }: Scene,
  args: readonly string[] = [],
): Promise<{
  readonly liveChecks?: Checks;
  readonly values: readonly { readonly fingerprint: string; readonly entity: string }[];
}> {
  const { stdout } = await run(['--format', 'json', ...args]);
  return JSON.parse(stdout.toString());
}

const statesOf = (checks: Checks | undefined): string[] =>
  (checks?.keys ?? []).map(({ state }) => state).sort();

describe('--check-live calcom', () => {
  it('asks about each key found once, with that key, and nobody without it', async () => {
    const here = await scene();
    expect((await json(here)).liveChecks).toBeUndefined();
    expect(here.calcom.calls).toHaveLength(0);
    const { liveChecks, values } = await json(here, ['--check-live', 'calcom']);
    expect(here.calcom.calls.map(({ method, path, key }) => [method, path, key])).toEqual([
      ['GET', '/v2/me', LIVE],
      ['GET', '/v2/me', REVOKED],
    ]);
    expect(liveChecks).toMatchObject({ url: here.calcom.url, counts: { live: 1, revoked: 1, unknown: 0 } });
    const keys = values
      .filter(({ entity }) => entity === 'CALCOM_API_KEY')
      .map(({ fingerprint }) => fingerprint);
    expect(liveChecks?.keys.map(({ fingerprint }) => fingerprint)).toEqual(keys);
  });

  it('tells it for people, in each form', async () => {
    const here = await scene();
    const text = await here.run(['--check-live', 'calcom']);
    expect(text.stdout.toString()).toMatch(
      /1 still works, 1 revoked, 0 not known\n {2}live {2}app\.log:2:65 {2}[0-9a-f]{32}\n/,
    );
    expect(text.stderr).toMatch(/1 of the Cal.com keys found still work: revoke them/);
    const sarif = JSON.parse(
      (await here.run(['--check-live', 'calcom', '--format', 'sarif'])).stdout.toString(),
    );
    const states = sarif.runs[0].results.map(
      (one: { properties: { liveCheck?: string } }) => one.properties.liveCheck,
    );
    expect(states.filter(Boolean).sort()).toEqual(['live', 'live', 'revoked']);
  });

  it('is behind the findings in JSON lines, where a search for a person passes over it', async () => {
    const here = await scene();
    await here.run(['--check-live', 'calcom', '--format', 'jsonl', '-o', 'f.jsonl']);
    const lines = readFileSync(join(here.folder, 'f.jsonl'), 'utf8').trim().split('\n');
    const parsed = lines.map(
      (line) => JSON.parse(line) as { schema: string; state?: string; fingerprint: string },
    );
    const checks = parsed.filter(({ schema }) => schema === 'logveil.live-check/1');
    expect(checks.map(({ state }) => state)).toEqual(['live', 'revoked']);
    expect(parsed.slice(-2)).toEqual(checks);
    const found = await runCli(['subject', '--results', 'f.jsonl', '--type', 'email'], {
      cwd: here.folder,
      env: { LOGVEIL_KEY: TEST_KEY },
      input: 'anna@example.com\n',
    });
    expect(found.stderr).not.toMatch(/expected a result/);
  });

  it('works over threads and ranges', async () => {
    const here = await scene();
    const filler = Array.from({ length: 400 }, (_, line) => `INFO line ${line}\n`).join('');
    writeFiles(here.folder, {
      'app.log': LOG + filler + LOG.replace(REVOKED, `cal_${'0123456789abcdef'.repeat(2)}`),
    });
    const { stdout } = await here.run(['--format', 'json', '--check-live', 'calcom', '--workers', '2'], {
      LOGVEIL_TEST_RANGE_BYTES: '500',
    });
    expect(statesOf(JSON.parse(stdout.toString()).liveChecks)).toEqual(['live', 'revoked', 'revoked']);
    expect(here.calcom.calls).toHaveLength(3);
  });

  it.each([
    ['rate-limited', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
    ['malformed', { kind: 'page', status: 401 }],
  ] as const)('never takes a trouble for a key that does not work: %s', async (reason, trouble) => {
    const here = await scene();
    here.calcom.meets(trouble, {}, 20);
    const { liveChecks } = await json(here, ['--check-live', 'calcom', '--check-live-max', '1']);
    expect(liveChecks?.counts).toEqual({ live: 0, revoked: 0, unknown: 2 });
    expect(liveChecks?.keys.map((key) => key.reason)).toEqual([reason, 'limit']);
  });

  it('never takes a key that is not listed for one that does not work', async () => {
    const here = await scene();
    const { liveChecks } = await json(here, ['--check-live', 'calcom', '--max-values', '0']);
    expect(liveChecks).toMatchObject({ counts: { live: 0, revoked: 0, unknown: 2 }, keys: [] });
  });

  it('leaves out what a baseline accepts', async () => {
    const here = await scene();
    await here.run(['--write-baseline', 'accepted.json']);
    const { liveChecks } = await json(here, ['--check-live', 'calcom', '--baseline', 'accepted.json']);
    expect(liveChecks).toMatchObject({ counts: { live: 0, revoked: 0, unknown: 0 }, keys: [] });
    expect(here.calcom.calls).toHaveLength(0);
  });

  it('is refused where keys would have to go through Redis', async () => {
    const here = await scene();
    const { code, stderr } = await here.run(['--check-live', 'calcom', '--queue', 'redis://127.0.0.1:9']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--check-live: can not be used with --queue/);
  });

  it('shows in the report', async () => {
    const here = await scene();
    await here.run(['--check-live', 'calcom', '--format', 'json', '-o', 'audit.json']);
    for (const [lang, words] of [
      ['en', /Keys that still work: 1/],
      ['de', /Noch gültige Schlüssel: 1/],
      ['fr', /Clés encore valides\s?: 1/],
    ] as const) {
      const report = await runCli(['report', 'audit.json', '--format', 'md', '--lang', lang], {
        cwd: here.folder,
      });
      expect(report.code, report.stderr).toBe(0);
      const text = report.stdout.toString().replaceAll('\\', '');
      expect(text).toMatch(words);
      expect(text).toContain(here.calcom.url.slice(here.calcom.url.lastIndexOf(':') + 1));
    }
  });
});

const REVIEWS = `businessHours: { zone: Europe/Berlin, hours: '00:00-24:00', days: [mon, tue, wed, thu, fri, sat, sun] }
incidentReviews:
  enabled: true
  eventTypeId: 4711
  attendee: { name: On call, email: oncall@example.com }
  folder: reviews
`;

function soon(): string[] {
  return [2, 3, 4].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
}

describe('--book-review', () => {
  it('is a dry run until it is enabled, without a key', async () => {
    const here = await scene(REVIEWS.replace('enabled: true', 'enabled: false'));
    const { code, stderr } = await here.run(['--book-review']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /dry run: would book an incident review of 2 values in 3 places .+ event type 4711/,
    );
    expect(here.calcom.calls).toHaveLength(0);
    expect(readdirSync(here.folder)).not.toContain('reviews');
  });

  it('books once, whoever runs it again', async () => {
    const here = await scene(REVIEWS);
    here.calcom.free = soon();
    const first = await here.run(['--book-review'], { CALCOM_API_KEY: OURS });
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/incident review of 2 values in 3 places \(inc_[0-9a-f]{24}\) booked: /);
    const again = await here.run(['--book-review'], { CALCOM_API_KEY: OURS });
    expect(again.stderr).toBe('');
    expect(here.calcom.bookings).toHaveLength(1);
    expect(here.calcom.calls.every(({ key }) => key === OURS)).toBe(true);
  });

  it('keeps what can not be booked, and books it later', async () => {
    const here = await scene(REVIEWS);
    here.calcom.free = soon();
    here.calcom.meets({ kind: 'cut', where: 'before' }, {}, 20);
    const down = await here.run(['--book-review'], { CALCOM_API_KEY: OURS });
    expect(down.code).toBe(1);
    expect(down.stderr).toMatch(/waits in .+reviews for the next run: Cal.com: it can not be reached/);
    here.calcom.troubles.length = 0;
    writeFiles(here.folder, { 'app.log': 'INFO clean by now\n' });
    const later = await here.run(['--book-review'], { CALCOM_API_KEY: OURS });
    expect(later.code).toBe(0);
    expect(later.stderr).toMatch(/booked/);
    expect(here.calcom.bookings).toHaveLength(1);
  });

  it('that is refused makes the exit code 2; the audit is complete none the less', async () => {
    const here = await scene(REVIEWS);
    const { code, stderr, stdout } = await here.run(['--book-review', '--format', 'json'], {
      CALCOM_API_KEY: 'cal_live_ffffffffffffffff0123456789abcdef',
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/it does not accept the API key/);
    expect(stderr).not.toMatch(/not complete/);
    expect(JSON.parse(stdout.toString()).run.complete).toBe(true);
  });

  it.each([
    ['without a section', '', { CALCOM_API_KEY: OURS }, /expected a section `incidentReviews`/],
    ['without a key of Cal.com', REVIEWS, {}, /expected an API key in CALCOM_API_KEY/],
    [
      'under a random key',
      REVIEWS,
      { CALCOM_API_KEY: OURS, LOGVEIL_KEY: '' },
      /expected LOGVEIL_KEY or --key-file/,
    ],
  ])('is refused %s, before the search', async (_, settings, env, message) => {
    const here = await scene(settings);
    const { code, stderr, stdout } = await here.run(['--book-review'], env);
    expect([code, stdout.length]).toEqual([2, 0]);
    expect(stderr).toMatch(message);
  });
});

describe('tail --book-review', () => {
  it('has reviews booked for what it redacts, and what was left waiting goes along', async () => {
    const here = await scene(REVIEWS);
    here.calcom.free = soon();
    const tail = (): Promise<RunResult> =>
      runCli(['tail', 'app.log', '--once', '--book-review', '-o', 'clean.log'], {
        cwd: here.folder,
        env: { LOGVEIL_KEY: TEST_KEY, CALCOM_API_KEY: OURS },
      });
    here.calcom.meets({ kind: 'status', status: 401 }, {}, 20);
    const refused = await tail();
    holdsNoKey(here.folder, refused);
    expect([refused.code, refused.stderr]).toEqual([0, expect.stringMatching(/waits in .+does not accept/)]);
    here.calcom.troubles.length = 0;
    const booked = await tail();
    holdsNoKey(here.folder, booked);
    expect([booked.code, booked.stderr]).toEqual([0, expect.stringMatching(/booked: /)]);
    // Nobody suppresses a redaction by a comment: all three keys are in it.
    expect(here.calcom.bookings.map(({ metadata }) => metadata.logveilValues)).toEqual(['3']);
  });
});
