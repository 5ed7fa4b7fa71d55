/**
 * The rollback, step by step: the one source of docs/emergency-rollback-procedure.md (a test holds the document to it) and
 * of what `logveil verify` prints, filled with the values of a deployment. Nothing here is run by logveil.
 */
import type { RedisTarget } from '../../state/redisTarget.ts';
import { literal } from '../probes/redis.ts';
import type { RunbookStep, Trigger } from '../result.ts';
import type { TriggerId } from '../triggers.ts';
import { shellGlob, shellQuote } from './quote.ts';

/** What the steps are filled with; what is missing shows as a word in capitals that no shell takes for something else. */
export interface RunbookValues {
  readonly folder?: string | undefined;
  readonly logs?: readonly string[] | undefined;
  readonly healthUrl?: string | undefined;
  readonly redisTarget?: RedisTarget | undefined;
  readonly keyPrefix: string;
  readonly rateLimit: { readonly key: string; readonly zone: string };
  readonly configPath?: string | undefined;
  readonly rollback: {
    readonly commit?: string | undefined;
    readonly units: readonly string[];
    readonly clearCaches: readonly string[];
  };
}

type Template = Omit<RunbookStep, 'number' | 'commands'> & {
  readonly commands: (values: RunbookValues) => readonly string[];
};

const folderOf = ({ folder }: RunbookValues): string => shellQuote(folder ?? 'APPLICATION_FOLDER');
const urlOf = ({ healthUrl }: RunbookValues): string => shellQuote(healthUrl ?? 'HEALTH_URL');
const logsOf = ({ logs = ['LOG_FILES'] }: RunbookValues): string => logs.map(shellGlob).join(' ');
const unitsOf = ({ rollback: { units } }: RunbookValues): string =>
  units.length === 0 ? 'SERVICE_UNITS' : units.map(shellQuote).join(' ');
const configOf = ({ configPath }: RunbookValues): string =>
  configPath === undefined ? '' : ` --config ${shellQuote(configPath)}`;

/** Name and password are not put into a command line, where every user of the machine could read them. */
function redisCli({ redisTarget: target }: RunbookValues): string {
  const [node] = target?.nodes ?? [];
  if (target === undefined || node === undefined) return 'redis-cli -h REDIS_HOST';
  const { kind, database, isTls } = target;
  return [
    'redis-cli',
    // Sentinels and nodes say where the data is; only one server is that place for sure.
    ...(kind === 'standalone' ? [`-h ${shellQuote(node.host)}`, `-p ${node.port}`] : ['-h REDIS_MASTER']),
    ...(kind === 'cluster' ? ['-c'] : []),
    ...(database === 0 ? [] : [`-n ${database}`]),
    ...(isTls ? ['--tls'] : []),
  ].join(' ');
}

/** The rollback proper, in five minutes. */
const ROLLBACK: readonly Template[] = [
  {
    id: 'identify',
    title: 'Identify the previous commit',
    note: 'Write down the time: the incident record begins here.',
    commands: (values) => [`git -C ${folderOf(values)} log --oneline -5`],
  },
  {
    id: 'checkout',
    title: 'Check out the previous version',
    note: 'If git refuses because of local changes, keep them with `git stash` in the folder, then repeat. A migration of the database is not undone by this.',
    commands: (values) => [
      `git -C ${folderOf(values)} checkout --detach ${shellQuote(values.rollback.commit ?? 'PREVIOUS_COMMIT')}`,
    ],
  },
  {
    id: 'clear-caches',
    title: "Clear the application's compiled caches",
    note: 'Not `php artisan cache:clear` where the cache is in Redis: Laravel then empties the whole database of that connection, as FLUSHDB does.',
    commands: (values) => {
      const { clearCaches } = values.rollback;
      return clearCaches.length === 0 ? [] : [`cd ${folderOf(values)} && ${clearCaches.join(' && ')}`];
    },
  },
  {
    id: 'clear-redis',
    title: 'Clear the breakers in Redis, and nothing else',
    note: 'As a user that may delete, its password in REDISCLI_AUTH. Not FLUSHDB: it deletes whatever else is in that database, such as sessions, queued jobs and other applications. The counters of the rate limiter stay: they go by themselves within minutes, and without them the next calls could exceed the limit.',
    commands: (values) => {
      const cli = redisCli(values);
      const pattern = shellQuote(`${literal(values.keyPrefix)}circuit_breaker:*`);
      return [`${cli} --scan --pattern ${pattern} | xargs -r -d '\\n' ${cli} UNLINK`];
    },
  },
  {
    id: 'restart',
    title: 'Restart the services',
    commands: (values) => [`sudo systemctl restart ${unitsOf(values)}`],
  },
  {
    id: 'verify',
    title: 'Verify',
    note: 'Expected: 200, and exit code 0 or 1.',
    commands: (values) => [
      `curl -sS -o /dev/null -w '%{http_code} in %{time_total} s\\n' --max-time 10 ${urlOf(values)}`,
      `logveil verify${configOf(values)}`,
    ],
  },
];

/** What follows, by the trigger that fired. */
const AFTERWARDS: Readonly<Record<TriggerId, Template>> = {
  'pii-visible': {
    id: 'after-pii-visible',
    title: 'Personal data or secrets visible: contain, record, clean',
    note: 'Stop shipping these logs first. Secrets that were logged count as stolen: replace them. For personal data tell the data protection officer now: Art. 33 GDPR gives 72 hours from becoming aware. The last command is a dry run; `--write` does it.',
    commands: (values) => [
      `logveil audit ${logsOf(values)}${configOf(values)} --format json -o audit-incident.json`,
      `logveil scrub ${logsOf(values)}${configOf(values)}`,
    ],
  },
  'breaker-stuck-open': {
    id: 'after-breaker-stuck-open',
    title: 'Breaker stuck open: is it the service, or us?',
    note: 'If the status page of the service (Cal.com: https://status.cal.com) names an outage, the breaker does its work, and a rollback changes nothing.',
    commands: (values) => {
      const cli = redisCli(values);
      const pattern = shellQuote(`${literal(values.keyPrefix)}circuit_breaker:*:state`);
      return [
        `${cli} --scan --pattern ${pattern} | while IFS= read -r key; do printf '%s ' "$key"; ${cli} GET "$key" < /dev/null; done`,
      ];
    },
  },
  'application-crash': {
    id: 'after-application-crash',
    title: 'Application crashes: what the services say',
    commands: (values) => [
      `journalctl --since -15min -p err --no-pager ${(values.rollback.units.length === 0 ? ['SERVICE_UNIT'] : values.rollback.units).map((unit) => `-u ${shellQuote(unit)}`).join(' ')} | logveil`,
    ],
  },
  'user-failures': {
    id: 'after-user-failures',
    title: 'User actions fail: what they met',
    commands: (values) => [`grep -hiE 'error|critical|failed' ${logsOf(values)} | logveil | tail -n 50`],
  },
  'rate-limit-exceeded': {
    id: 'after-rate-limit-exceeded',
    title: 'Rate limit exceeded: who calls beside the limiter',
    commands: (values) => {
      const cli = redisCli(values);
      const key = shellQuote(`${values.keyPrefix}${values.rateLimit.key}:`);
      const { zone } = values.rateLimit;
      const date = zone === 'UTC' ? 'date -u' : `TZ=${shellQuote(zone)} date`;
      return [`${cli} GET ${key}"$(${date} +%Y-%m-%d-%H-%M)"`];
    },
  },
};

/** The steps, numbered, for the triggers that fired. */
export function runbookFor(values: RunbookValues, triggers: readonly Trigger[]): RunbookStep[] {
  const fired = triggers.filter(({ state }) => state === 'fired').map(({ id }) => id as TriggerId);
  const templates = [...ROLLBACK, ...fired.map((id) => AFTERWARDS[id])];
  return templates
    .map(({ commands, ...step }) => ({ ...step, commands: [...commands(values)] }))
    .filter(({ commands }) => commands.length > 0)
    .map((step, index) => ({ number: index + 1, ...step }));
}
