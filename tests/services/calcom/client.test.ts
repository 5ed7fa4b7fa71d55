/** The client against a stand-in of Cal.com that answers as documented, and in every way it should not. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { BookingRequest } from '../../../src/services/calcom/client.ts';
import { CalcomError } from '../../../src/services/calcom/errors.ts';
import { readCalcomKey } from '../../../src/services/calcom/key.ts';
import { checkKey } from '../../../src/services/calcom/keyCheck.ts';
import { CalcomTransport } from '../../../src/services/calcom/transport.ts';
import type { Trouble } from '../../support/calcom.ts';
import { temporaryFolder, writeFiles } from '../../support/folders.ts';
import { bench, CountingBreaker, EVENT_TYPE, failureOf, KEY, OpenLimiter, QUICK } from './support.ts';

const START = Date.parse('2026-11-23T09:00:00Z');
const DAY = 24 * 60 * 60_000;
const EMAIL = 'oncall@example.com';

const request: BookingRequest = {
  incident: 'inc_0123456789abcdef',
  eventTypeId: EVENT_TYPE,
  startMs: START,
  attendee: { name: 'On call', email: EMAIL, timeZone: 'Europe/Berlin' },
  notes: '1 value',
  metadata: { logveilSeverity: 'critical' },
};

describe('slots', () => {
  it('are read with the version, key and zone that are documented, and put in order', async () => {
    const { calcom, client, limiter } = await bench();
    calcom.free = ['2026-11-24T09:00:00Z', '2026-11-23T10:00:00Z', '2026-11-23T09:00:00Z'];
    const slots = await client.slots(EVENT_TYPE, START, START + 7 * DAY);
    expect(slots.map(({ startMs }) => new Date(startMs).toISOString())).toEqual([
      '2026-11-23T09:00:00.000Z',
      '2026-11-23T10:00:00.000Z',
      '2026-11-24T09:00:00.000Z',
    ]);
    expect(slots.every(({ startMs, endMs }) => endMs - startMs === 30 * 60_000)).toBe(true);
    const [call] = calcom.calls;
    expect(call).toMatchObject({ method: 'GET', path: '/v2/slots', version: '2024-09-04', key: KEY });
    expect(Object.fromEntries(call?.query ?? [])).toEqual({
      eventTypeId: '4711',
      start: '2026-11-23T09:00:00.000Z',
      end: '2026-11-30T09:00:00.000Z',
      timeZone: 'UTC',
      format: 'range',
    });
    // The limiter hears what the service said.
    expect(limiter.observed).toMatchObject([
      {
        status: 200,
        headers: { 'x-ratelimit-limit-default': '120', 'x-ratelimit-remaining-default': '119' },
      },
    ]);
  });

  it('of another event type are told as not found', async () => {
    const { client } = await bench();
    expect(await failureOf(client.slots(1, START, START + DAY))).toMatchObject({
      kind: 'not-found',
      status: 404,
    });
  });
});

/** Kind of the error, whether it speaks against the service, and how often a GET is tried. */
const TROUBLES: readonly (readonly [
  name: string,
  trouble: Trouble,
  kind: string,
  fails: boolean,
  calls: number,
])[] = [
  ['400', { kind: 'status', status: 400 }, 'validation', false, 1],
  ['401', { kind: 'status', status: 401 }, 'auth', false, 1],
  ['403', { kind: 'status', status: 403 }, 'forbidden', false, 1],
  ['404', { kind: 'status', status: 404 }, 'not-found', false, 1],
  ['409', { kind: 'status', status: 409 }, 'conflict', false, 1],
  ['429', { kind: 'status', status: 429, headers: { 'retry-after': '30' } }, 'rate-limited', false, 3],
  ['500', { kind: 'status', status: 500 }, 'server', true, 3],
  ['503', { kind: 'status', status: 503 }, 'server', true, 3],
  ['a hang', { kind: 'hang' }, 'timeout', true, 3],
  ['a slow body', { kind: 'slow' }, 'timeout', true, 3],
  ['a cut before the answer', { kind: 'cut', where: 'before' }, 'network', true, 3],
  ['a cut in the answer', { kind: 'cut', where: 'middle' }, 'network', true, 3],
  ['broken JSON', { kind: 'broken-json' }, 'malformed', true, 1],
  ['another form', { kind: 'other-form' }, 'malformed', true, 1],
  ['a huge body', { kind: 'huge' }, 'malformed', true, 1],
  ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:9/' }, 'malformed', true, 1],
  ["a proxy's page with 401", { kind: 'page', status: 401 }, 'malformed', true, 1],
  ["a proxy's page with 200", { kind: 'page', status: 200 }, 'malformed', true, 1],
];

describe.each(TROUBLES)('%s', (_, trouble, kind, fails, calls) => {
  it('is what it is, without a word of the answer, the key or the address', async () => {
    const { calcom, client, breaker, limiter } = await bench({ timeoutMs: 150 });
    calcom.meets(trouble, {}, 3);
    const error = await failureOf(client.slots(EVENT_TYPE, START, START + DAY));
    expect(error).toBeInstanceOf(CalcomError);
    expect(error.kind).toBe(kind);
    expect(calcom.calls.length).toBe(calls);
    expect(limiter.acquired).toBe(calls);
    expect(breaker.failures).toBe(fails ? calls : 0);
    // With all its properties, causes and stack.
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + error.stack;
    expect(shown).not.toContain(KEY);
    expect(shown).not.toContain('refused');
    expect(shown).not.toContain('2026-11-23');
    expect(shown).not.toContain(calcom.url);
    if (trouble.kind === 'status' && trouble.status === 429) {
      expect(limiter.observed[0]).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    }
  });

  it('that passes does no harm to a call that reads', async () => {
    if (calls === 1) return;
    const { calcom, client } = await bench({ timeoutMs: 150 });
    calcom.free = ['2026-11-23T09:00:00Z'];
    calcom.meets(trouble, {}, 2);
    expect(await client.slots(EVENT_TYPE, START, START + DAY)).toHaveLength(1);
  });
});

describe('a booking', () => {
  it('is sent as documented', async () => {
    const { calcom, client } = await bench();
    const booking = await client.book(request);
    expect(booking).toMatchObject({ startMs: START, endMs: START + 30 * 60_000, isPending: false });
    expect(calcom.calls.map(({ method, path, version }) => `${method} ${path} ${version}`)).toEqual([
      'GET /v2/bookings 2024-08-13',
      'POST /v2/bookings 2024-08-13',
    ]);
    expect(calcom.bookings[0]?.body).toEqual({
      eventTypeId: EVENT_TYPE,
      start: '2026-11-23T09:00:00.000Z',
      attendee: request.attendee,
      metadata: { logveilSeverity: 'critical', logveilIncident: request.incident },
      bookingFieldsResponses: { notes: '1 value' },
    });
  });

  it('of an incident that has one is found, on whichever page', async () => {
    const { calcom, client } = await bench();
    const first = await client.book(request);
    const others = Array.from({ length: 250 }, (_, index) => ({
      ...(calcom.bookings[0] as (typeof calcom.bookings)[number]),
      uid: `other${index}`,
      metadata: {},
    }));
    calcom.bookings.push(...others);
    expect(await client.book({ ...request, startMs: START + DAY })).toEqual(first);
    expect(calcom.called('POST', '/v2/bookings')).toBe(1);
  });

  it('that a host has cancelled is none', async () => {
    const { calcom, client } = await bench();
    await client.book(request);
    (calcom.bookings[0] as { status: string }).status = 'cancelled';
    await client.book({ ...request, startMs: START + DAY });
    expect(calcom.bookings).toHaveLength(2);
  });

  it('of a slot that is taken is a conflict, tried once', async () => {
    const { calcom, client } = await bench();
    calcom.taken.add('2026-11-23T09:00:00.000Z');
    expect(await failureOf(client.book(request))).toMatchObject({ kind: 'conflict' });
    expect(calcom.called('POST', '/v2/bookings')).toBe(1);
  });

  it.each(TROUBLES.filter(([, , , fails]) => fails))('comes about once through %s', async (_, trouble) => {
    for (const happens of [false, true]) {
      const { calcom, client } = await bench({ timeoutMs: 150 });
      const met: Trouble = happens ? { kind: 'after', trouble } : trouble;
      calcom.meets(met, { method: 'POST' });
      const booking = await client.book(request);
      expect(calcom.bookings.map(({ uid }) => uid)).toEqual([booking.uid]);
      expect(calcom.called('POST', '/v2/bookings')).toBe(happens ? 1 : 2);
    }
  });

  it('that arrives late makes the second request a conflict, and is found', async () => {
    const { calcom, client } = await bench({ timeoutMs: 150 });
    calcom.meets({ kind: 'late' }, { method: 'POST' });
    const booking = await client.book(request);
    expect(calcom.bookings.map(({ uid }) => uid)).toEqual([booking.uid]);
    expect(calcom.called('POST', '/v2/bookings')).toBe(2);
  });

  it.each([400, 401, 403, 404])('that is refused with %i is not tried again', async (status) => {
    const { calcom, client } = await bench();
    calcom.meets({ kind: 'status', status }, { method: 'POST' });
    await failureOf(client.book(request));
    expect(calcom.called('POST', '/v2/bookings')).toBe(1);
  });

  it('is not sent while it can not be seen whether there is one', async () => {
    const { calcom, client } = await bench();
    calcom.meets({ kind: 'status', status: 503 }, { method: 'GET' }, 3);
    expect(await failureOf(client.book(request))).toMatchObject({ kind: 'server' });
    expect(calcom.called('POST', '/v2/bookings')).toBe(0);
  });

  it('is given up when the run stops', async () => {
    const stop = new AbortController();
    const { calcom, client } = await bench({ signal: stop.signal });
    calcom.meets({ kind: 'hang' }, { method: 'POST' });
    const booking = failureOf(client.book(request));
    while (calcom.called('POST', '/v2/bookings') === 0) await new Promise((done) => setTimeout(done, 5));
    stop.abort();
    expect(await booking).toMatchObject({ kind: 'stopped' });
  });
});

describe('a key that leaked', () => {
  const LEAKED = 'cal_live_0123456789abcdef0123456789abcdef';

  it('is live, revoked, or not known', async () => {
    const { calcom, transport } = await bench();
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'revoked' });
    calcom.keys.add(LEAKED);
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'live' });
    expect(
      calcom.calls.every(({ path, method, key }) => path === '/v2/me' && method === 'GET' && key === LEAKED),
    ).toBe(true);
  });

  it.each(TROUBLES.filter(([name]) => name !== '401'))('is not known behind %s', async (_, trouble, kind) => {
    const { calcom, transport } = await bench({ timeoutMs: 150 });
    calcom.meets(trouble, {}, 3);
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'unknown', reason: kind });
  });

  it('is not sent when it is none of Cal.com', async () => {
    const { calcom, transport } = await bench();
    for (const other of [
      'sk_live_0123456789abcdef0123456789abcdef',
      `${LEAKED}\r\nx: y`,
      '',
      'Y2FsX2xpdmVf',
    ]) {
      expect(await checkKey(transport, other, QUICK)).toEqual({ state: 'unknown', reason: 'form' });
    }
    expect(calcom.calls).toHaveLength(0);
  });

  it('is not known where nobody listens', async () => {
    const limiter = new OpenLimiter();
    const breaker = new CountingBreaker();
    const transport = new CalcomTransport({
      url: 'http://127.0.0.1:9',
      timeoutMs: 1000,
      waitMs: 0,
      limiter,
      breaker,
    });
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'unknown', reason: 'network' });
  });
});

describe("logveil's own key", () => {
  const config = (keyFile?: string) => ({
    url: 'https://api.cal.com',
    timeoutMs: 1000,
    ...(keyFile && { keyFile }),
  });

  it('comes from the environment before the file', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { key: 'cal_from_file\n' });
    expect(readCalcomKey(config(`${folder}/key`), {})).toBe('cal_from_file');
    expect(readCalcomKey(config(`${folder}/key`), { CALCOM_API_KEY: 'cal_from_env' })).toBe('cal_from_env');
  });

  it('is never in the message about it', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { lines: 'cal_secret\ncal_other', empty: '', binary: Buffer.from([0, 255, 10]) });
    for (const [keyFile, key] of [
      [undefined, 'cal_with\nbreak'],
      [undefined, 'cal_ünsichtbar'],
      [undefined, undefined],
      [`${folder}/lines`, undefined],
      [`${folder}/empty`, undefined],
      [`${folder}/binary`, undefined],
      [`${folder}/missing`, undefined],
      [folder, undefined],
    ] as const) {
      let message = '';
      try {
        readCalcomKey(config(keyFile), { CALCOM_API_KEY: key });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/API key/);
      expect(message).not.toMatch(/cal_/);
    }
  });
});
