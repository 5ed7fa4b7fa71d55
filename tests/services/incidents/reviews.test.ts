/** Reviews: booked once, within business hours, so many a day; and nothing lost when Cal.com or the process goes away. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Leak } from '../../../src/services/incidents/incident.ts';
import { DAY, HOUR, leak, NOW, type Scene, scene, slotsOf } from './support.ts';

function waitingFiles({ folder }: Scene): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('inc_'));
}

describe('a review', () => {
  it('is booked in the first free slot within business hours, behind the notice', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(3);
    here.calcom.taken.add(new Date(NOW + HOUR).toISOString());
    const reviews = await here.open();
    const { outcome } = await reviews.review([leak(1), leak(2), leak(3, { severity: 'high' })]);
    expect(outcome).toMatchObject({ kind: 'booked', booking: { startMs: NOW + 1.5 * HOUR } });
    const [booking] = here.calcom.bookings;
    expect(booking?.metadata).toEqual({
      logveilIncident: expect.stringMatching(/^inc_[0-9a-f]{24}$/),
      logveilSeverity: 'critical',
      logveilFindings: '4',
      logveilValues: '2',
    });
    expect(waitingFiles(here)).toEqual([]);
  });

  it('of the evening is on the next working day', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(14);
    // A Friday, 19:15 in Berlin: with the notice, and half an hour, nothing fits any more.
    here.clock.ms = Date.parse('2026-11-27T18:15:00Z');
    const { outcome } = await (await here.open({ noticeMinutes: 20 })).review([leak(1)]);
    expect(outcome).toMatchObject({
      kind: 'booked',
      booking: { startMs: Date.parse('2026-11-30T07:00:00Z') },
    });
  });

  it('tells counts and rules, and nothing else', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(1);
    const leaks = [leak(1), leak(2, { rule: 'aws-secret-access-key', findings: 1 })];
    await (await here.open({ reportUrl: 'https://reports.example.com/audit' })).review(leaks);
    expect(JSON.stringify(here.calcom.bookings[0]?.body.bookingFieldsResponses)).toMatch(
      /2 values in 3 places.+aws-secret-access-key.+1 value in 1 place.+https:\/\/reports\.example\.com\/audit/,
    );
    const sent = JSON.stringify(here.calcom.bookings[0]?.body);
    for (const { fingerprint } of leaks) expect(sent).not.toContain(fingerprint);
  });

  it('comes once for a value, also after a restart, until it is forgotten', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(120);
    await (await here.open()).review([leak(1)]);
    here.clock.ms += DAY;
    expect((await (await here.open()).review([leak(1)])).outcome).toEqual({ kind: 'nothing' });
    expect((await (await here.open()).review([leak(1), leak(2)])).outcome).toMatchObject({
      kind: 'booked',
      incident: { values: 1 },
    });
    here.clock.ms += 91 * DAY;
    here.calcom.nowMs = here.clock.ms;
    expect((await (await here.open()).review([leak(1)])).outcome.kind).toBe('booked');
    expect(here.calcom.bookings).toHaveLength(3);
  });

  it('is not booked for what is mild, or for nothing', async () => {
    const here = await scene();
    const reviews = await here.open({ minSeverity: 'high' });
    expect((await reviews.review([leak(1, { severity: 'medium' })])).outcome).toEqual({ kind: 'nothing' });
    expect((await reviews.review([])).outcome).toEqual({ kind: 'nothing' });
    expect(here.calcom.calls).toHaveLength(0);
  });

  it('is told only in a dry run: nothing is called or written', async () => {
    const here = await scene();
    const { outcome } = await (await here.open({}, true)).review([leak(1)]);
    expect(outcome).toMatchObject({ kind: 'would-book', incident: { values: 1 }, earliestMs: NOW + HOUR });
    expect(here.calcom.calls).toHaveLength(0);
    expect(() => statSync(here.folder)).toThrow();
  });

  it('of a dry run knows what was booked before', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(1);
    await (await here.open()).review([leak(1)]);
    expect((await (await here.open({}, true)).review([leak(1)])).outcome).toEqual({ kind: 'nothing' });
    expect((await (await here.open({}, true)).review([leak(2)])).outcome.kind).toBe('would-book');
  });
});

describe('at most so many a day', () => {
  it('are booked; the others wait, and become one', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(5);
    for (const number of [1, 2, 3, 4]) {
      const { outcome } = await (await here.open({ perDay: 2 })).review([leak(number)]);
      expect(outcome).toMatchObject(
        number <= 2 ? { kind: 'booked' } : { kind: 'waits', reason: 'quota', isKept: true },
      );
    }
    expect(waitingFiles(here)).toHaveLength(1);
    // Midnight in Berlin, not in UTC.
    here.clock.ms = Date.parse('2026-11-23T22:59:00Z');
    expect((await (await here.open({ perDay: 2 })).review([])).outcome).toMatchObject({ reason: 'quota' });
    here.clock.ms = Date.parse('2026-11-23T23:00:00Z');
    expect((await (await here.open({ perDay: 2 })).review([])).outcome).toMatchObject({
      kind: 'booked',
      incident: { values: 2, findings: 4 },
    });
    expect(here.calcom.bookings).toHaveLength(3);
    expect(waitingFiles(here)).toEqual([]);
  });
});

describe('what can not be booked now', () => {
  const DOWN = [
    ['unavailable', { kind: 'status', status: 503 }],
    ['unavailable', { kind: 'cut', where: 'before' }],
    ['unavailable', { kind: 'status', status: 429 }],
    ['unavailable', { kind: 'broken-json' }],
    ['refused', { kind: 'status', status: 401 }],
    ['refused', { kind: 'status', status: 403 }],
    ['refused', { kind: 'status', status: 404 }],
  ] as const;

  it.each(DOWN)('waits while it is %s (%j), and is booked by the next run', async (reason, trouble) => {
    const here = await scene();
    here.calcom.free = slotsOf(2);
    here.calcom.meets(trouble, {}, 50);
    const { outcome } = await (await here.open()).review([leak(1)]);
    expect(outcome).toMatchObject({ kind: 'waits', reason, isKept: true });
    here.calcom.troubles.length = 0;
    expect((await (await here.open()).review([leak(1)])).outcome.kind).toBe('booked');
    expect(here.calcom.bookings).toHaveLength(1);
  });

  it('waits for a free slot', async () => {
    const here = await scene();
    // Free, but at night, on Sunday, and half of it behind the end.
    here.calcom.free = ['2026-11-23T22:00:00Z', '2026-11-29T10:00:00Z', '2026-11-23T18:45:00Z'];
    expect((await (await here.open()).review([leak(1)])).outcome).toMatchObject({
      kind: 'waits',
      reason: 'no-slot',
    });
    here.calcom.free.push('2026-11-24T10:00:00Z');
    expect((await (await here.open()).review([])).outcome.kind).toBe('booked');
  });

  it('waits when all slots turn out to be taken', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(1);
    for (const start of here.calcom.free) here.calcom.taken.add(start);
    expect((await (await here.open()).review([leak(1)])).outcome).toMatchObject({
      kind: 'waits',
      reason: 'no-slot',
    });
    expect(here.calcom.called('POST', '/v2/bookings')).toBe(3);
  });

  it('waits while another process is at it', async () => {
    const here = await scene();
    here.calcom.free = slotsOf(2);
    mkdirSync(here.folder, { mode: 0o700 });
    writeFileSync(join(here.folder, 'lock'), `${process.pid}\n`);
    expect((await (await here.open()).review([leak(1)])).outcome).toMatchObject({
      kind: 'waits',
      reason: 'busy',
      isKept: true,
    });
    // One that is gone holds nothing.
    writeFileSync(join(here.folder, 'lock'), '4194305\n');
    expect((await (await here.open()).review([])).outcome).toMatchObject({ kind: 'booked' });
    expect(readdirSync(here.folder)).toEqual(['booked.json']);
  });

  it('is private, and holds no value', async () => {
    const here = await scene();
    here.calcom.meets({ kind: 'status', status: 500 }, {}, 50);
    await (await here.open()).review([leak(1)]);
    expect(statSync(here.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(here.folder))
      expect(statSync(join(here.folder, name)).mode & 0o777, name).toBe(0o600);
  });

  it('is bounded', async () => {
    const here = await scene();
    mkdirSync(here.folder, { mode: 0o700 });
    writeFileSync(join(here.folder, 'lock'), `${process.pid}\n`);
    for (let number = 1; number <= 101; number++) {
      const { outcome } = await (await here.open()).review([leak(number)]);
      expect(outcome).toMatchObject({ kind: 'waits', isKept: number <= 100 });
    }
    expect(waitingFiles(here)).toHaveLength(100);
  });
});

describe('its folder', () => {
  it('must not be open for writing to others', async () => {
    const here = await scene();
    mkdirSync(here.folder);
    chmodSync(here.folder, 0o777);
    await expect((await here.open()).review([leak(1)])).rejects.toThrow(/others may write there/);
  });

  it.each([
    ['booked.json', '{"schema":"logveil.reviews/1","reviews":[{"incident":'],
    ['booked.json', '[]'],
    ['booked.json', 'null'],
    [`inc_${'0'.repeat(24)}.json`, '{"schema":"logveil.incident/2"}'],
    [`inc_${'0'.repeat(24)}.json`, '['.repeat(100_000)],
    [`inc_${'0'.repeat(24)}.json`, ' '.repeat(3 * 1024 * 1024)],
  ])('may hold a damaged %s: it is set aside and told', async (name, text) => {
    const here = await scene();
    here.calcom.free = slotsOf(1);
    mkdirSync(here.folder, { mode: 0o700 });
    writeFileSync(join(here.folder, name), text);
    const { outcome, damaged } = await (await here.open()).review([leak(1)]);
    expect(outcome.kind).toBe('booked');
    expect(damaged).toEqual([`${name}.damaged`]);
    expect(readFileSync(join(here.folder, `${name}.damaged`), 'utf8')).toBe(text);
  });
});

describe('whatever happens in whatever order', () => {
  it('a value is booked once, a day has no more than asked for, and nothing is forgotten', async () => {
    const trouble = fc.constantFrom(
      { kind: 'status', status: 500 } as const,
      { kind: 'cut', where: 'before' } as const,
      { kind: 'after', trouble: { kind: 'cut', where: 'middle' } } as const,
      { kind: 'after', trouble: { kind: 'status', status: 502 } } as const,
      { kind: 'status', status: 401 } as const,
      { kind: 'status', status: 409 } as const,
    );
    const run = fc.record({
      values: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
      troubles: fc.array(fc.record({ trouble, method: fc.constantFrom('GET', 'POST') }), { maxLength: 8 }),
      hours: fc.integer({ min: 0, max: 20 }),
      dies: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 8 }), async (runs) => {
        const here = await scene();
        here.calcom.free = slotsOf(30);
        const seen = new Map<string, Leak>();
        const bookedAt: number[] = [];
        const review = async (leaks: readonly Leak[], dies = false): Promise<void> => {
          const before = here.calcom.bookings.length;
          const reviews = await here.open({ perDay: 2 }, false, dies);
          await reviews.review(leaks).catch((error: Error) => expect(error.message).toBe('gone'));
          for (let count = before; count < here.calcom.bookings.length; count++) bookedAt.push(here.clock.ms);
        };
        for (const { values, troubles, hours, dies } of runs) {
          here.calcom.troubles.push(...troubles);
          const leaks = values.map((value) => leak(value));
          for (const one of leaks) seen.set(one.fingerprint, one);
          await review(leaks, dies);
          here.calcom.troubles.length = 0;
          here.clock.ms += hours * HOUR;
        }
        // A day or two of peace.
        for (let day = 0; day < 3; day++) {
          await review([]);
          here.clock.ms += DAY;
        }
        const booked = here.calcom.bookings.map(({ metadata }) => Number(metadata.logveilValues));
        expect(booked.reduce((sum, values) => sum + values, 0)).toBe(seen.size);
        expect(waitingFiles(here)).toEqual([]);
        const days = bookedAt.map((at) => new Date(at + HOUR).toISOString().slice(0, 10));
        for (const day of days) expect(days.filter((one) => one === day).length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 25 },
    );
  });
});
