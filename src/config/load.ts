/**
 * Finds and reads `logveil.yaml`, and puts it together with the environment and the command line: flags beat the
 * environment, the environment beats the file.
 */
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readBounded } from '../boundedFile.ts';
import { UsageError } from '../errors.ts';
import { ENVIRONMENT } from './environment.ts';
import { acceptPlainly } from './plain.ts';
import type { Config } from './schema.ts';
import { MAX_LINE_BYTES, MIN_LINE_BYTES } from './values.ts';

/** What is read of YAML is less. */
const MOST_BYTES = 8 * 1024 * 1024;
const CONFIG_NAMES = ['logveil.yaml', 'logveil.yml'];

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
  if (accepted !== undefined) return refuseLineLimit({ [name]: accepted }, source);
  // The schema takes longer to load than most runs last, and has the last word only on what is not plainly right.
  const { checkSettings } = await import('./check.ts');
  return refuseLineLimit(checkSettings({ [name]: value }, source, 1), source);
}

/** Here, where it is known who said it; what a file says is held to the same when all settings are there. */
function refuseLineLimit(config: Config, source: string): Config {
  const { maxLine } = config;
  if (maxLine !== undefined && (maxLine < MIN_LINE_BYTES || maxLine > MAX_LINE_BYTES))
    throw new UsageError(`${source}: expected ${MIN_LINE_BYTES} to ${MAX_LINE_BYTES} bytes, got ${maxLine}`);
  return config;
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
    const value = name === 'rules' || name === 'knownSecrets' ? namesOf(text, variable) : text;
    config = { ...config, ...(await checkSetting(name, value, variable)) };
  }
  return config;
}

function namesOf(text: string, variable: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw new UsageError(`${variable}: expected names with a comma between two, none empty`);
  return names;
}

function findUpwards(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) {
      const path = join(folder, name);
      if (mayExist(path)) return path;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Whether somebody has put something there. A link that leads nowhere, or what can't be looked at, counts: reading it
 * tells why it can't be used, where to pass it over would leave out settings that were meant to hold.
 */
function mayExist(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
