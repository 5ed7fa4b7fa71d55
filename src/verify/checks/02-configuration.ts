/** 2: the configuration is complete, leads to what is there, and does not switch the protection off. */
import { stat } from 'node:fs/promises';
import { type Check, plural } from '../check.ts';
import type { Deployment } from '../deployment.ts';

interface Doubt {
  readonly isGrave: boolean;
  readonly text: string;
}

/** Bits of a mode that let others than the owner write. */
const OTHERS_WRITE = 0o022;

export const configuration: Check = {
  number: 2,
  id: 'configuration',
  title: 'Configuration',
  level: 'must',
  group: 'errors',
  triggers: [],
  threshold: () => 'complete, and nothing switched off',
  touches: ({ configPath, folder }) => [
    ...(configPath === undefined ? [] : [`looks at the mode of ${configPath}`]),
    ...(folder === undefined ? [] : [`looks whether ${folder} is there`]),
  ],
  async run({ deployment }) {
    const doubts = [
      ...missing(deployment),
      ...switchedOff(deployment),
      ...(await wrongPlaces(deployment)),
      ...plainRedis(deployment),
    ];
    const grave = doubts.filter(({ isGrave }) => isGrave).length;
    const source = deployment.configPath ?? 'options and environment alone';
    return {
      status: grave > 0 ? 'fail' : doubts.length > 0 ? 'warn' : 'pass',
      observed:
        doubts.length === 0 ? `complete (${source})` : `${plural(doubts.length, 'doubt')} about ${source}`,
      ...(doubts.length > 0 && { recommendation: 'Mend it; docs/configuration.md names every setting.' }),
      details: doubts.map(({ text }) => text),
      metrics: [{ name: 'config_doubts', value: doubts.length, unit: '', warn: '0', min: 0 }],
    };
  },
};

function missing(deployment: Deployment): Doubt[] {
  const { logs, healthUrl, redisTarget, services, rollback, folder, skip } = deployment;
  const wanted: readonly (readonly [isThere: boolean, setting: string, what: string])[] = [
    [folder !== undefined, 'folder', 'the folder of the application'],
    [logs !== undefined || skip.includes('pii-in-logs'), 'logs', 'the current logs'],
    [healthUrl !== undefined || skip.includes('health'), 'healthUrl', 'the health endpoint'],
    [redisTarget !== undefined || skip.includes('redis'), 'redis.url', 'Redis (or LOGVEIL_REDIS_URL)'],
    [services.length > 0 || skip.includes('breakers'), 'services', 'the services behind circuit breakers'],
    [rollback.commit !== undefined, 'rollback.commit', 'what a rollback goes back to'],
    [rollback.units.length > 0, 'rollback.units', 'the units a rollback restarts'],
  ];
  return wanted
    .filter(([isThere]) => !isThere)
    .map(([, setting, what]) => ({
      isGrave: false,
      text: `\`deployment.${setting}\` is not set: ${what}`,
    }));
}

function switchedOff({ settings }: Deployment): Doubt[] {
  const doubts: Doubt[] = [];
  if (settings.action === 'keep') {
    doubts.push({ isGrave: true, text: '`action: keep` leaves every match as it is' });
  }
  for (const [category, action] of settings.categoryActions) {
    if (action === 'keep') doubts.push({ isGrave: true, text: `\`actions.categories.${category}: keep\`` });
  }
  for (const [rule, action] of settings.ruleActions) {
    if (action === 'keep') doubts.push({ isGrave: false, text: `\`actions.rules.${rule}: keep\`` });
  }
  if (settings.onError === 'pass') {
    doubts.push({ isGrave: false, text: "`onError: pass` lets lines through that can't be looked at" });
  }
  return doubts;
}

async function wrongPlaces({ folder, configPath }: Deployment): Promise<Doubt[]> {
  const doubts: Doubt[] = [];
  if (folder !== undefined) {
    const isFolder = await stat(folder).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (!isFolder) doubts.push({ isGrave: true, text: `\`deployment.folder\` is no folder: ${folder}` });
  }
  if (configPath !== undefined) {
    const mode = await stat(configPath).then(
      (stats) => stats.mode,
      () => 0,
    );
    if ((mode & OTHERS_WRITE) !== 0) {
      doubts.push({ isGrave: false, text: `others than its owner may write ${configPath}: \`chmod go-w\`` });
    }
  }
  return doubts;
}

/** A password over the network without TLS. */
function plainRedis({ redisTarget, redisAccess }: Deployment): Doubt[] {
  if (redisTarget === undefined || redisTarget.isTls) return [];
  const isHere = redisTarget.nodes.every(({ host }) => /^(?:localhost$|127\.|::1$)/.test(host));
  const hasPassword = (redisAccess.password ?? redisTarget.password) !== undefined;
  return hasPassword && !isHere
    ? [{ isGrave: false, text: "Redis's password crosses the network without TLS: use `rediss://`" }]
    : [];
}
