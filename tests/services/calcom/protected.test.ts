/** Calls to Cal.com through the real breaker and limiter, kept in memory. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { protectionSchema } from '../../../src/config/services.ts';
import { CalcomClient } from '../../../src/services/calcom/client.ts';
import { checkKey } from '../../../src/services/calcom/keyCheck.ts';
import { CalcomTransport } from '../../../src/services/calcom/transport.ts';
import { protectionFor } from '../../../src/services/protections.ts';
import { type StandInCalcom, standInCalcom } from '../../support/calcom.ts';
import { EVENT_TYPE, failureOf, KEY, QUICK } from './support.ts';

const LEAKED = 'cal_live_0123456789abcdef0123456789abcdef';

async function protectedCalls(settings: object, waitMs: number) {
  const calcom: StandInCalcom = await standInCalcom();
  calcom.keys.add(KEY);
  const log = { info: () => {}, warn: () => {} };
  const config = protectionSchema.parse({ services: { calcom: settings } });
  const { breaker, limiter, close } = protectionFor('calcom', { config, env: {}, log });
  onTestFinished(close);
  const transport = new CalcomTransport({ url: calcom.url, timeoutMs: 1000, waitMs, breaker, limiter });
  return { calcom, transport, breaker, client: new CalcomClient({ transport, key: KEY, retries: QUICK }) };
}

describe('the breaker', () => {
  it('keeps calls away from a service that is down, and probes it with one', async () => {
    const { calcom, transport, breaker, client } = await protectedCalls(
      { breaker: { minimumCalls: 3, openSeconds: 0.2, jitter: 0 } },
      1000,
    );
    calcom.meets({ kind: 'status', status: 503 }, {}, 3);
    expect(await failureOf(client.slots(EVENT_TYPE, 0, 1))).toMatchObject({ kind: 'server' });
    expect((await breaker.status()).state).toBe('open');
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'unknown', reason: 'breaker-open' });
    expect(await failureOf(client.slots(EVENT_TYPE, 0, 1))).toMatchObject({ code: 'LOGVEIL_BREAKER_OPEN' });
    expect(calcom.calls).toHaveLength(3);
    while ((await failureOf(client.slots(1, 0, 1))).name === 'BreakerOpenError')
      await new Promise((done) => setTimeout(done, 20));
    expect((await breaker.status()).state).toBe('closed');
    expect(calcom.calls).toHaveLength(4);
  });

  it('is not moved by keys that do not work, or by our own mistakes', async () => {
    const { calcom, transport, breaker, client } = await protectedCalls(
      { breaker: { minimumCalls: 1 } },
      1000,
    );
    for (let count = 0; count < 5; count++)
      expect((await checkKey(transport, LEAKED, QUICK)).state).toBe('revoked');
    await failureOf(client.slots(1, 0, 1));
    calcom.meets({ kind: 'status', status: 403 });
    await failureOf(client.slots(EVENT_TYPE, 0, 1));
    expect((await breaker.status()).state).toBe('closed');
  });
});

describe('the limiter', () => {
  it('lets no more calls through than are allowed in any span', async () => {
    const [calls, seconds] = [4, 0.5];
    const { calcom, transport } = await protectedCalls({ limit: { calls, seconds } }, 60_000);
    await Promise.all(Array.from({ length: 11 }, () => checkKey(transport, LEAKED, QUICK)));
    const times = calcom.calls.map(({ atMs }) => atMs);
    expect(times).toHaveLength(11);
    for (let index = calls; index < times.length; index++)
      expect((times[index] as number) - (times[index - calls] as number)).toBeGreaterThanOrEqual(
        seconds * 1000,
      );
  });

  it('waits for as long as the service says, and no call is made meanwhile', async () => {
    const { calcom, transport } = await protectedCalls({}, 100);
    calcom.meets({ kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'unknown', reason: 'rate-limited' });
    expect(await checkKey(transport, LEAKED, QUICK)).toEqual({ state: 'unknown', reason: 'rate-limited' });
    expect(calcom.calls).toHaveLength(1);
  });
});
