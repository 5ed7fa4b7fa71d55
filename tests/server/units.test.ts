/** Parts that need no connection. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tally } from '../../src/findings/summary.ts';
import { History } from '../../src/server/history.ts';
import { toHttpError } from '../../src/server/httpError.ts';
import { FoundTotals, TallyDelta } from '../../src/server/sanitize/counts.ts';
import { wantsEnvelope } from '../../src/server/sanitize/negotiation.ts';
import { Turns } from '../../src/server/sanitize/turns.ts';
import { ServiceBoard } from '../../src/server/services.ts';

const RULES = ['a', 'b', 'c'].map((id, index) => ({
  id,
  entity: index === 2 ? 'B' : id.toUpperCase(),
  category: 'pii' as const,
  severity: 'low' as const,
}));

describe('counts', () => {
  it('of turns add up to those of the tally, whoever has which', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(2), { maxLength: 5 }), { maxLength: 30 }), (turns) => {
        const tally = new Tally(RULES);
        tally.addFinding(RULES[0] as (typeof RULES)[number], 'redact');
        const delta = new TallyDelta(tally);
        const totals = new FoundTotals();
        for (const found of turns) {
          for (const rule of found) tally.addFinding(RULES[rule] as (typeof RULES)[number], 'redact');
          const part = delta.take();
          expect(part.findings).toBe(found.length);
          totals.add(part);
        }
        const counts = tally.counts();
        expect(totals.findings).toBe(counts.findings - 1);
        expect({ ...totals.byRule, a: (totals.byRule.a ?? 0) + 1 }).toEqual(counts.byRule);
      }),
    );
  });

  it('by minute go back an hour and no further', () => {
    let now = Date.UTC(2026, 0, 1);
    const history = new History(() => now);
    const one = {
      findings: 1,
      byRule: { a: 1 },
      byEntity: { A: 1 },
      byCategory: { pii: 1 },
      bySeverity: { low: 1 },
    };
    history.add(one);
    now += 59 * 60_000;
    history.add(one);
    expect(history.minutes(60).map(({ findings }) => findings)).toEqual([1, ...Array(58).fill(0), 1]);
    now += 60_000;
    history.add(one);
    expect(history.minutes(60).reduce((sum, { findings }) => sum + findings, 0)).toBe(2);
    expect(history.minutes(1)[0]?.minute).toBe('2026-01-01T01:00:00.000Z');
  });
});

describe('turns', () => {
  it('go round: whoever has much to do does not go before others, and failures are their own', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const run = async (name: string, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await turns.run(() => order.push(name));
    };
    await Promise.all([
      run('long', 6),
      run('short', 2),
      expect(turns.run(() => JSON.parse('{'))).rejects.toThrow(),
    ]);
    expect(order.indexOf('short')).toBeLessThan(3);
    expect(order.slice(0, 4).filter((name) => name === 'short')).toHaveLength(2);
    expect(turns.waiting).toBe(0);
  });

  it('leave the loop to others while there is work without end', async () => {
    const turns = new Turns();
    let isOver = false;
    const busy = async (): Promise<void> => {
      while (!isOver) {
        await turns.run(() => {
          const end = performance.now() + 5;
          while (performance.now() < end);
        });
      }
    };
    const all = Promise.all(Array.from({ length: 20 }, busy));
    for (let times = 0; times < 5; times++) await new Promise((done) => setImmediate(done));
    await new Promise((done) => setTimeout(done, 1));
    isOver = true;
    await all;
  });
});

it('JSON is answered only to whoever asks for it', () => {
  for (const accept of ['application/vnd.logveil+json', 'text/html, Application/JSON ; q=0.5']) {
    expect([accept, wantsEnvelope({ accept })]).toEqual([accept, true]);
  }
  for (const accept of [
    undefined,
    '*/*',
    'application/*',
    'application/json;q=0',
    'application/json; q=0.000',
    'x',
  ]) {
    expect([accept, wantsEnvelope({ ...(accept && { accept }) })]).toEqual([accept, false]);
  }
});

it('an error that is not ours shows nothing of itself', () => {
  const told = toHttpError(new Error('with a secret'));
  expect([told.code, told.status]).toEqual(['INTERNAL', 500]);
  expect(told.message).not.toContain('secret');
});

it('services that can not be read are shown as they were, and as old', async () => {
  let isAway = false;
  const breakers = [{ service: 'calcom', state: 'open' as const, failureRate: 1, calls: 5 }];
  const board = new ServiceBoard({
    store: 'redis',
    read: async () => {
      if (isAway) throw new Error('redis://user:password@host');
      return { breakers, limiters: [] };
    },
    close: async () => {},
  });
  const read = async (): Promise<void> => {
    board.read();
    await new Promise((done) => setImmediate(done));
  };
  await read();
  expect(board.status).toMatchObject({ isReachable: true, breakers });
  isAway = true;
  await read();
  expect(board.status).toMatchObject({ isReachable: false, breakers });
  expect(JSON.stringify(board.status)).not.toContain('password');
});
