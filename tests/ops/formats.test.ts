/** What other programs read: XML that parses, perfdata as the guidelines have it, exit codes, and nothing that breaks out. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatted } from '../../src/verify/formats/all.ts';
import { VERIFY_FORMATS } from '../../src/verify/formats/names.ts';
import {
  LEVELS,
  STATUSES,
  TRIGGER_STATES,
  VERIFICATION_SCHEMA,
  type Verification,
  verificationSchema,
} from '../../src/verify/result.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('<b>&"\'', ']]>', '|', 'a|b=1', '`x`', '\u0000\u001b[31m', '\ud800', '$(reboot)'),
);

const anyVerification: fc.Arbitrary<Verification> = fc
  .record({
    deployment: anyText,
    checks: fc.array(
      fc.record({
        title: anyText,
        level: fc.constantFrom(...LEVELS),
        status: fc.constantFrom(...STATUSES),
        observed: anyText,
        threshold: anyText,
        recommendation: anyText,
        details: fc.array(anyText, { maxLength: 2 }),
        value: fc.integer({ min: 0, max: 1000 }),
      }),
      { maxLength: 4 },
    ),
    state: fc.constantFrom(...TRIGGER_STATES),
    command: anyText,
  })
  .map(
    ({ deployment, checks, state, command }): Verification => ({
      schema: VERIFICATION_SCHEMA,
      version: '0',
      deployment,
      started: '2026-11-23T00:00:00.000Z',
      seconds: 1.5,
      status: 'fail',
      exitCode: 2,
      counts: { pass: 0, warn: 0, fail: 1, unknown: 0, skipped: 0 },
      checks: checks.map(({ value, ...check }, index) => ({
        ...check,
        number: index + 1,
        id: 'some-check',
        metrics: [{ name: 'some_value', value, unit: 's', warn: '1', fail: '2', min: 0 }],
        seconds: 0.1,
      })),
      triggers: [{ number: 1, id: 'pii-visible', title: 'x', state, reason: deployment, checks: [] }],
      runbook: [{ number: 1, id: 'x', title: 'y', commands: [command] }],
    }),
  );

const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;

describe('formats', () => {
  test.skipIf(!HAS_PYTHON)('junit is well-formed XML, whatever the texts are', () => {
    const folder = temporaryFolder();
    const samples = fc.sample(anyVerification, 60);
    for (const [index, one] of samples.entries())
      writeFileSync(join(folder, `${index}.xml`), formatted(one, 'junit'));
    const script =
      'import sys, xml.etree.ElementTree as E\n' +
      'for i in range(int(sys.argv[2])):\n' +
      '  root = E.parse(f"{sys.argv[1]}/{i}.xml").getroot()\n' +
      '  print(len(root.findall("./testsuite/testcase")))\n';
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script, folder, '60'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n').map(Number)).toEqual(samples.map(({ checks }) => checks.length));
  });

  /** Monitoring Plugins, Development Guidelines, 2.6: 'label'=value[UOM];[warn];[crit];[min];[max] */
  const RANGE = String.raw`(?:@?(?:~|-?[\d.]*):?-?[\d.]*)?`;
  const PERF = new RegExp(
    String.raw`^'[a-z_0-9]+'=-?[\d.]+(?:s|%|B|c)?(?:;${RANGE}(?:;${RANGE}(?:;[\d.]*(?:;[\d.]*)?)?)?)?$`,
  );

  test('the plugin form has one `|`, on its first line, and perfdata behind it', () => {
    fc.assert(
      fc.property(anyVerification, (one) => {
        const [first = '', ...rest] = formatted(one, 'nagios').split('\n');
        expect(first).toMatch(/^LOGVEIL (?:OK|WARNING|CRITICAL|UNKNOWN) - /);
        const [, perf = ''] = first.split(' | ');
        for (const item of perf.split(' ')) expect(item).toMatch(PERF);
        expect(rest.join('\n')).not.toContain('|');
      }),
      { numRuns: 100 },
    );
  });

  test('text from outside is no markup in HTML and no control in a terminal', () => {
    fc.assert(
      fc.property(anyVerification, (one) => {
        const html = formatted(one, 'html');
        expect(html).not.toMatch(/<(?:b|script|img)>/);
        for (const format of VERIFY_FORMATS)
          if (format !== 'json') expect(formatted(one, format)).not.toMatch(/(?!\n)\p{Cc}/u);
        expect(verificationSchema.parse(JSON.parse(formatted(one, 'json')))).toBeTruthy();
      }),
      { numRuns: 100 },
    );
  });

  test('what keeps it from running has exit code 3, and a plugin line where one is expected', async () => {
    const cwd = temporaryFolder();
    const cases = [['--bogus'], [], ['--config', 'none.yaml'], ['--logs', 'x', '--only', 'nothing']];
    for (const args of cases)
      expect([args, (await runCli(['verify', ...args], { cwd })).code]).toEqual([args, 3]);
    const { stdout } = await runCli(['verify', '--format', 'nagios'], { cwd });
    expect(stdout.toString()).toBe('LOGVEIL UNKNOWN - it could not run, see stderr\n');
  });

  test('an address with a password does not belong into the configuration', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'logveil.yaml'),
      'deployment:\n  redis:\n    url: redis://app:not-for-files@localhost\n',
    );
    const { code, stderr } = await runCli(['verify'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(
      'logveil.yaml:3:5: `deployment.redis.url`: expected an address without credentials',
    );
    expect(stderr).not.toContain('not-for-files');
  });
});
