/** 10: keys in standard form, bounded, with a time to live, and without personal data. A key is never shown as it is. */
import { LogveilError } from '../../errors.ts';
import { type Check, type Outcome, plural } from '../check.ts';
import type { Context } from '../context.ts';
import { isStandard, type KeyFacts, keyShape } from '../probes/keys.ts';
import { literal, NO_EXPIRY, type RedisReader } from '../probes/redis.ts';
import { askRedis, listed } from './support.ts';

const TRIGGER = 'pii-visible';
/** Times to live are asked for one by one, and only to show which keys have none. */
const MOST_TTLS = 100;
const MOST_SHOWN = 10;

export const cacheKeys: Check = {
  number: 10,
  id: 'cache-keys',
  title: 'Cache keys',
  level: 'should',
  group: 'leaks',
  triggers: [TRIGGER],
  isHeavy: true,
  threshold: ({ thresholds }) =>
    `standard form, a time to live, no personal data, up to ${thresholds.keys} keys`,
  touches: ({ keyPrefix, limits }) => [
    `SCAN of ${keyPrefix}* (up to ${limits.keys} keys), INFO, TTL of up to ${MOST_TTLS}`,
  ],
  run: (context, signal) =>
    askRedis(context, async (redis) => {
      const { keyPrefix, limits, thresholds } = context.deployment;
      const { all, withExpiry } = keyCounts(await redis.info(), context);
      const pattern = keyPrefix === '' ? undefined : `${literal(keyPrefix)}*`;
      const { keys, isComplete } = await redis.scan(pattern, limits.keys, signal);
      const facts = await factsOf(keys, all - withExpiry, redis, context);
      return facts === undefined
        ? { status: 'unknown', observed: "the rules can't be loaded", recommendation: 'See check 1.' }
        : judge(facts, { all, most: thresholds.keys, isComplete });
    }),
};

/** `db0:keys=4,expires=3,...` */
function keyCounts(
  info: ReadonlyMap<string, string>,
  { deployment }: Context,
): { readonly all: number; readonly withExpiry: number } {
  const database = deployment.redisTarget?.database ?? 0;
  const [, all = 0, withExpiry = 0] = /^keys=(\d+),expires=(\d+)/.exec(info.get(`db${database}`) ?? '') ?? [];
  return { all: Number(all), withExpiry: Number(withExpiry) };
}

async function factsOf(
  keys: readonly string[],
  /** In the whole database. */
  without: number,
  redis: RedisReader,
  context: Context,
): Promise<KeyFacts | undefined> {
  const names = keys.map((key) => key.slice(context.deployment.keyPrefix.length));
  const personal = await personalKeys(names, context);
  if (personal === undefined) return undefined;
  const ttls = without > 0 ? await redis.ttls(keys.slice(0, MOST_TTLS)) : [];
  return {
    count: names.length,
    malformed: names.filter((name) => !isStandard(name)),
    personal,
    lasting: names.filter((_, index) => ttls[index] === NO_EXPIRY),
    // Behind a prefix only what was asked is known: other keys are somebody else's.
    without: context.deployment.keyPrefix === '' ? without : ttls.filter((ttl) => ttl === NO_EXPIRY).length,
  };
}

/** Keys in which the rules find something, each once. Line breaks in a key must not make two of it. */
async function personalKeys(names: readonly string[], context: Context): Promise<string[] | undefined> {
  try {
    const redaction = await context.redaction();
    const found = new Set<number>();
    const stream = redaction.openStream(
      () => 'keys',
      ({ line }) => found.add(line - 1),
    );
    stream.push(Buffer.from(names.map((name) => `${name.replace(/[\r\n]/g, ' ')}\n`).join('')));
    stream.end();
    return [...found].map((index) => names[index] ?? '');
  } catch (error) {
    if (!(error instanceof LogveilError)) throw error;
    return undefined;
  }
}

interface Bounds {
  readonly all: number;
  readonly most: number;
  readonly isComplete: boolean;
}

function judge(facts: KeyFacts, { all, most, isComplete }: Bounds): Outcome {
  const { count, malformed, personal, lasting, without } = facts;
  const isTooMany = all > most;
  const doubts = [
    ...(personal.length > 0 ? [`${plural(personal.length, 'key')} with personal data or secrets`] : []),
    ...(isTooMany ? [`${plural(all, 'key')} in the database`] : []),
    ...(malformed.length > 0 ? [`${malformed.length} not in standard form`] : []),
    ...(without > 0 ? [`${without} without a time to live`] : []),
  ];
  const looked = `${plural(count, 'key')} looked at${isComplete ? '' : ` of ${all} in the database`}`;
  const isBad = personal.length > 0 || isTooMany;
  return {
    status: isBad ? 'fail' : doubts.length > 0 ? 'warn' : 'pass',
    observed: doubts.length === 0 ? `${looked}, all in order` : `${doubts.join(', ')}; ${looked}`,
    level: personal.length > 0 ? 'must' : 'should',
    ...(doubts.length > 0 && { recommendation: adviceOn(facts, isTooMany) }),
    details: [
      ...shapes('with personal data', personal),
      ...shapes('not in standard form', malformed),
      ...shapes('without a time to live', lasting),
    ],
    metrics: [
      { name: 'keys', value: all, unit: '', fail: String(most), min: 0 },
      { name: 'keys_malformed', value: malformed.length, unit: '', warn: '0', min: 0 },
      { name: 'keys_without_ttl', value: without, unit: '', warn: '0', min: 0 },
      { name: 'keys_personal', value: personal.length, unit: '', fail: '0', min: 0 },
    ],
    signs: [
      personal.length > 0
        ? {
            trigger: TRIGGER,
            state: 'fired',
            reason: `${plural(personal.length, 'key')} in Redis with personal data`,
          }
        : { trigger: TRIGGER, state: 'clear', reason: `none in ${plural(count, 'key')} of Redis` },
    ],
  };
}

function adviceOn({ personal, without }: KeyFacts, isTooMany: boolean): string {
  if (personal.length > 0) return 'Put a hash or a number into the key instead, and delete these keys.';
  if (isTooMany)
    return 'See which prefix grows (`redis-cli --scan` by prefix), and give its keys a time to live.';
  if (without > 0) return 'Give each key a time to live when it is written.';
  return 'Build keys in one place: lower snake segments joined by `:`.';
}

/** Shapes, most frequent first: what a key looks like, not what it says. */
function shapes(what: string, names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(keyShape(name), (counts.get(keyShape(name)) ?? 0) + 1);
  const lines = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([shape, count]) => `${what}: ${shape}${count > 1 ? ` x${count}` : ''}`);
  return listed(lines, MOST_SHOWN);
}
