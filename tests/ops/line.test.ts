/** What a log line tells of itself: time and gravity, for the formats that are in use. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineFacts } from '../../src/verify/logs/line.ts';
import { shareOut } from '../../src/verify/logs/tail.ts';
import { isStandard, keyShape } from '../../src/verify/probes/keys.ts';
import { instantOf, minuteName } from '../../src/verify/probes/zone.ts';

const AT = Date.UTC(2026, 10, 22, 12, 30, 15);
const facts = (line: string, zone = 'UTC') => lineFacts(line, AT, zone);

test.each([
  ['[2026-11-22 12:30:15] production.ERROR: it broke {"a":1}', 'error'],
  ['[2026-11-22T12:30:15.000000+00:00] local.EMERGENCY: it broke', 'fatal'],
  ['[2026-11-22 12:30:15] production.INFO: an ERROR was mended', 'other'],
  ['{"level":"error","time":"2026-11-22T12:30:15Z","msg":"x"}', 'error'],
  [`{"level":50,"time":${AT},"pid":1,"msg":"x"}`, 'error'],
  [`{"level":60,"time":${AT},"msg":"x"}`, 'fatal'],
  ['{"message":"x","level":400,"level_name":"ERROR","datetime":"2026-11-22T12:30:15+00:00"}', 'error'],
  ['{"level_name":"CRITICAL","datetime":{"date":"2026-11-22 12:30:15.000000","timezone":"UTC"}}', 'fatal'],
  [`{"ts":${AT / 1000},"status":503,"uri":"/x"}`, 'error'],
  [`{"ts":${AT / 1000},"status":200,"uri":"/x"}`, 'other'],
  [
    '{"level":"info","time":"2026-11-22T12:30:15Z","msg":"Allowed memory size of 134217728 bytes exhausted"}',
    'fatal',
  ],
  ['time="2026-11-22T12:30:15Z" level=warning msg="x"', 'warning'],
  ['2026/11/22 12:30:15 [error] 12#12: *7 upstream timed out', 'error'],
  ['2026/11/22 12:30:15 [crit] 12#12: x', 'fatal'],
  ['2026-11-22 12:30:15,000 ERROR [main] com.example.App - x', 'error'],
  ['2026-11-22T12:30:15Z FATAL x', 'fatal'],
  ['192.0.2.1 - - [22/Nov/2026:12:30:15 +0000] "GET /x HTTP/1.1" 500 12 "-" "curl"', 'error'],
  ['192.0.2.1 - - [22/Nov/2026:12:30:15 +0000] "GET /x HTTP/1.1" 200 500', 'other'],
  ['[22-Nov-2026 12:30:15 UTC] PHP Fatal error:  Uncaught x', 'fatal'],
  ['panic: runtime error: index out of range', 'fatal'],
  ['2026-11-22T12:30:15Z worker: no errors today', 'other'],
  ['#0 /var/www/app/Error.php(12): handle()', 'other'],
] as const)('%s: %s', (line, gravity) => {
  const { gravity: found, timeMs } = facts(line);
  expect(found).toBe(gravity);
  if (timeMs !== undefined) expect(timeMs).toBe(AT);
});

test('a clock without a zone is read in the zone of the deployment, one with an offset is not', () => {
  expect(facts('[2026-11-22 13:30:15] production.INFO: x', 'Europe/Berlin').timeMs).toBe(AT);
  expect(facts('[2026-11-22T12:30:15Z] production.INFO: x', 'Europe/Berlin').timeMs).toBe(AT);
  expect(facts(`{"time":${AT},"msg":"at 12:30:15"}`, 'Europe/Berlin').timeMs).toBe(AT);
});

test('no line makes it throw', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '"level":',
    '"error"',
    '[2026-11-22',
    ' 12:30:15]',
    ' production.',
    'ERROR',
    ':',
    '<3>',
  );
  const text = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 8 });
  fc.assert(
    fc.property(text, (pieces) => {
      expect(['fatal', 'error', 'warning', 'other']).toContain(facts(pieces.join('')).gravity);
    }),
  );
});

test('a clock in a zone leads back to its instant, but for the hour that comes twice', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'UTC',
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e6 }), zones, (minutes, zone) => {
      const at = minutes * 60_000 * 10;
      const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = minuteName(at, zone)
        .split('-')
        .map(Number);
      const found = instantOf(Date.UTC(year, month - 1, day, hour, minute), zone);
      expect(Math.abs(found - Math.floor(at / 60_000) * 60_000)).toBeLessThanOrEqual(3_600_000);
      expect(minuteName(found, zone)).toBe(minuteName(at, zone));
    }),
  );
});

test('bytes are shared out whole, never beyond a file, and small files in full', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 20 }), fc.nat(50_000), (sizes, total) => {
      const shares = shareOut(sizes, total);
      const sum = shares.reduce((one, other) => one + other, 0);
      for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(sizes[index] ?? 0);
      const all = sizes.reduce((one, other) => one + other, 0);
      expect(sum).toBeLessThanOrEqual(total);
      if (all <= total) expect(shares).toEqual(sizes);
      else expect(total - sum).toBeLessThan(sizes.length);
    }),
  );
});

test('the shape of a key shows none of its words but the first, if that is a kind', () => {
  expect(isStandard('calcom_api_rate_limit:2026-11-22-12-30')).toBe(true);
  expect(isStandard('circuit_breaker:calcom:state')).toBe(true);
  for (const key of ['User:7', 'a::b', 'a:', 'a b', 'a-b', ''])
    expect([key, isStandard(key)]).toEqual([key, false]);
  expect(keyShape('session:Jane Doe:17')).toBe('session:Aa Aa:9');
  expect(keyShape('jane')).toBe('a');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (rest) => {
      expect(keyShape(`kind:${rest}`)).toMatch(/^kind:[Aa9 ._@+?:.-]*$/);
    }),
  );
});
