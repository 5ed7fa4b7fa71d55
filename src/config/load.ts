/**
 * Finds and reads `logveil.yaml`, and puts it together with the environment and the command line: flags beat the
 * environment, the environment beats the file.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBounded } from '../boundedFile.ts';
import { acceptPlainly } from './plain.ts';
import type { Config } from './schema.ts';

/** What is read of YAML is less. */
const MOST_BYTES = 8 * 1024 * 1024;
const CONFIG_NAMES = ['logveil.yaml', 'logveil.yml'];

/** Settings that can come from the environment; the values are those of the flags. */
const ENVIRONMENT: readonly (readonly [variable: string, name: keyof Config])[] = [
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

/**
 * The configuration in force.
 * @param flags what the command line says, already checked by {@link checkSetting}
 * @param configPath `--config`; without it `logveil.yaml` is looked for in the working directory and above
 * @throws ProblemsError, UsageError, IoError
 */
export async function loadConfig(
  flags: Config,
  configPath: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Config> {
  const path = findConfig(configPath, env);
  const fromFile = path === undefined ? {} : await readConfig(path);
  const fromEnvironment = await readEnvironment(env);
  return { ...(env.LOGVEIL_KEY ? withoutKeyFile(fromFile) : fromFile), ...fromEnvironment, ...flags };
}

/**
 * Where the configuration is read from, undefined when there is none.
 * @param configPath `--config`
 */
export function findConfig(configPath: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  return configPath ?? env.LOGVEIL_CONFIG ?? findUpwards(process.cwd());
}

/**
 * Checks one setting from the command line or the environment.
 * @param source how to name it in the error, for instance `--max-line`
 * @throws UsageError
 */
export async function checkSetting(name: keyof Config, value: unknown, source: string): Promise<Config> {
  const accepted = acceptPlainly(name, value);
  if (accepted !== undefined) return { [name]: accepted };
  // The schema takes longer to load than most runs last, and has the last word only on what is not plainly right.
  const { checkSettings } = await import('./check.ts');
  return checkSettings({ [name]: value }, source, 1);
}

async function readConfig(path: string): Promise<Config> {
  const text = readBounded(path, MOST_BYTES, path, 'the configuration').toString();
  if (text.trim() === '') return {};
  const { parseConfig } = await import('./file.ts');
  return parseConfig(path, text);
}

/** The key itself in the environment beats a key file that the configuration names. */
function withoutKeyFile({ keyFile: _, ...config }: Config): Config {
  return config;
}

async function readEnvironment(env: NodeJS.ProcessEnv): Promise<Config> {
  let config: Config = {};
  for (const [variable, name] of ENVIRONMENT) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const value =
      name === 'rules' || name === 'knownSecrets' ? text.split(',').map((rules) => rules.trim()) : text;
    config = { ...config, ...(await checkSetting(name, value, variable)) };
  }
  return config;
}

function findUpwards(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
    if (dirname(folder) === folder) return undefined;
  }
}
