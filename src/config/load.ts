/**
 * Finds and reads `logveil.yaml`, and puts it together with the environment and the command line: flags beat the
 * environment, the environment beats the file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { describeIo, IoError, ProblemsError, UsageError } from '../errors.ts';
import { readYaml } from '../yaml/document.ts';
import { mistakesOf } from '../yaml/mistakes.ts';
import { type Config, configSchema } from './schema.ts';

const CONFIG_NAMES = ['logveil.yaml', 'logveil.yml'];

/** Settings that can come from the environment; the values are those of the flags. */
const ENVIRONMENT: readonly (readonly [variable: string, name: keyof Config])[] = [
  ['LOGVEIL_RULES', 'rules'],
  ['LOGVEIL_ENGINE', 'engine'],
  ['LOGVEIL_ACTION', 'action'],
  ['LOGVEIL_MAX_LINE', 'maxLine'],
  ['LOGVEIL_OVERLAP', 'overlap'],
  ['LOGVEIL_ON_ERROR', 'onError'],
  ['LOGVEIL_KEY_FILE', 'keyFile'],
  ['LOGVEIL_LOG_LEVEL', 'logLevel'],
];

/**
 * The configuration in force.
 * @param flags what the command line says, already checked by {@link checkSetting}
 * @param configPath `--config`; without it `logveil.yaml` is looked for in the working directory and above
 * @throws ProblemsError, UsageError, IoError
 */
export function loadConfig(flags: Config, configPath: string | undefined, env: NodeJS.ProcessEnv): Config {
  const path = configPath ?? env.LOGVEIL_CONFIG ?? findUpwards(process.cwd());
  const fromFile = path === undefined ? {} : readConfig(path);
  return { ...(env.LOGVEIL_KEY ? withoutKeyFile(fromFile) : fromFile), ...readEnvironment(env), ...flags };
}

/**
 * Checks settings that did not come from a file.
 * @param source how to name them in the error, for instance `options`
 * @throws UsageError that names each mistake by its path
 */
export function checkSettings(settings: Record<string, unknown>, source: string): Config {
  return check(settings, source, 0);
}

/**
 * Checks one setting.
 * @param source how to name it in the error, for instance `--max-line`
 * @throws UsageError
 */
export function checkSetting(name: keyof Config, value: unknown, source: string): Config {
  return check({ [name]: value }, source, 1);
}

/** @param shownFrom steps of a mistake's path that `source` says already */
function check(settings: Record<string, unknown>, source: string, shownFrom: number): Config {
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) return withoutUndefined(parsed.data);
  const mistakes = parsed.error.issues.flatMap((issue) => mistakesOf(issue, shownFrom));
  throw new UsageError(`${source}: ${mistakes.map(({ message }) => message).join('; ')}`);
}

/** The key itself in the environment beats a key file that the configuration names. */
function withoutKeyFile({ keyFile: _, ...config }: Config): Config {
  return config;
}

function readEnvironment(env: NodeJS.ProcessEnv): Config {
  let config: Config = {};
  for (const [variable, name] of ENVIRONMENT) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const value = name === 'rules' ? text.split(',').map((rules) => rules.trim()) : text;
    config = { ...config, ...checkSetting(name, value, variable) };
  }
  return config;
}

function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new IoError(`${path}: the configuration can't be read: ${describeIo(error)}`, { cause: error });
  }
  const result = readYaml(path, text.trim() === '' ? '{}' : text, configSchema);
  if (!result.ok) throw new ProblemsError('LOGVEIL_CONFIG', result.problems);
  return withResolvedPaths(withoutUndefined(result.document.value), dirname(resolve(path)));
}

/** Paths in the file are relative to the file, wherever logveil is started. */
function withResolvedPaths(config: Config, folder: string): Config {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const isPath = (name: string): boolean => /\.ya?ml$/.test(name) || /^\.{0,2}\//.test(name);
  return {
    ...config,
    ...(config.rules && { rules: config.rules.map((name) => (isPath(name) ? absolute(name) : name)) }),
    ...(config.findings && { findings: absolute(config.findings) }),
    ...(config.summary && { summary: absolute(config.summary) }),
    ...(config.keyFile && { keyFile: absolute(config.keyFile) }),
  };
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

function withoutUndefined(config: Config): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
