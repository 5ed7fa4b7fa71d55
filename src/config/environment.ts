/** The variables of the environment that any command reads, and those that look as if they were meant to be. */
import type { Config } from './schema.ts';

/** Settings that can come from the environment; the values are those of the flags. */
export const ENVIRONMENT: readonly (readonly [variable: string, name: keyof Config])[] = [
  ['LOGVEIL_RULES', 'rules'],
  ['LOGVEIL_ENGINE', 'engine'],
  ['LOGVEIL_JOBS', 'jobs'],
  ['LOGVEIL_ACTION', 'action'],
  ['LOGVEIL_MAX_LINE', 'maxLine'],
  ['LOGVEIL_OVERLAP', 'overlap'],
  ['LOGVEIL_ON_ERROR', 'onError'],
  ['LOGVEIL_KEY_FILE', 'keyFile'],
  ['LOGVEIL_KNOWN_SECRETS', 'knownSecrets'],
  ['LOGVEIL_MIN_CONFIDENCE', 'minConfidence'],
  ['LOGVEIL_LOG_LEVEL', 'logLevel'],
];

/** Read where they are needed; not settings of `logveil.yaml`. */
const OTHERS: readonly string[] = [
  ...['LOGVEIL_CONFIG', 'LOGVEIL_KEY', 'LOGVEIL_TOKEN', 'LOGVEIL_OUTPUT_TOKEN', 'LOGVEIL_CHROMIUM'],
  ...['LOGVEIL_REDIS_URL', 'LOGVEIL_REDIS_PREFIX', 'LOGVEIL_REDIS_USERNAME', 'LOGVEIL_REDIS_PASSWORD'],
  ...['LOGVEIL_REDIS_SENTINEL_USERNAME', 'LOGVEIL_REDIS_SENTINEL_PASSWORD'],
  ...['LOGVEIL_REDIS_CA', 'LOGVEIL_REDIS_CERT', 'LOGVEIL_REDIS_KEY'],
];

const MEANT_FOR_LOGVEIL = /^LOGVEIL_\w{1,64}$/i;
/**
 * Not meant as settings: what Kubernetes sets in each pod for a service called `logveil`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables), and what tests set.
 */
const SET_BY_OTHERS =
  /^LOGVEIL_(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?|TEST_\w+)$/;

/** A variable that is ignored, and the one that was probably meant. */
export interface UnknownVariable {
  readonly name: string;
  readonly nearest: string;
}

/** @returns variables that no command reads, by their names only: a value may be a secret */
export function unknownVariables(env: NodeJS.ProcessEnv): UnknownVariable[] {
  const names = Object.keys(env).filter((name) => MEANT_FOR_LOGVEIL.test(name) && !SET_BY_OTHERS.test(name));
  if (names.length === 0) return [];
  const known = [...ENVIRONMENT.map(([variable]) => variable), ...OTHERS];
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, nearest: nearestOf(name, known) }));
}

function nearestOf(name: string, known: readonly string[]): string {
  const byDistance = known.map((one) => [distance(name.toUpperCase(), one), one] as const);
  byDistance.sort(([one], [other]) => one - other);
  return (byDistance[0] as readonly [number, string])[1];
}

/** Letters to change, add, leave out or swap with their neighbour (optimal string alignment distance). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] as number) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length] as number;
}
