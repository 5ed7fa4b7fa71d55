/** Reloads of a long run, as the command line has them: what is read anew, and what is said about it. */
import { existsSync } from 'node:fs';
import type { LiveRedaction } from '../app/liveRedaction.ts';
import { type Reloaded, RuleReload } from '../app/ruleReload.ts';
import { findConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type RedactionSettings, toRedactionSettings } from '../config/settings.ts';
import type { Log } from '../telemetry/log.ts';
import { explain } from './explain.ts';

/** Settings that a run keeps until its end. */
const FIXED = [
  'jobs',
  'findings',
  'summary',
  'stats',
  'keyFile',
  'logLevel',
] as const satisfies readonly (keyof Config)[];

export interface ReloadOptions {
  readonly live: LiveRedaction;
  readonly log: Log;
  /** What the command line says. */
  readonly flags: Config;
  /** `--config`. */
  readonly configPath: string | undefined;
  /** What the run has started with. */
  readonly config: Config;
  /** For a command that sets more than its settings say, for instance an audit's action. */
  readonly adjust?: (settings: RedactionSettings) => RedactionSettings;
  /** Told when others are in effect. */
  readonly onReloaded?: () => void;
}

/**
 * Takes up rules and configuration anew on SIGHUP and when their files change, until it is closed. A mistake in them is
 * told on stderr with its place, and changes nothing.
 */
export function reloadOnChange(options: ReloadOptions): RuleReload {
  const {
    live,
    log,
    flags,
    configPath,
    config,
    adjust = (settings) => settings,
    onReloaded = () => {},
  } = options;
  const load = async (): Promise<Reloaded> => {
    const next = await loadConfig(flags, configPath, process.env);
    const settings = adjust(toRedactionSettings(next, process.env));
    const changed = FIXED.filter((name) => next[name] !== config[name]);
    if (changed.length > 0) log.warn(`takes effect with the next start only: ${changed.join(', ')}`);
    const { readyRules } = await import('../app/ruleThread.ts');
    return {
      settings,
      ...(await readyRules(settings)),
      watched: watchedFiles(configPath, settings.rules),
    };
  };
  return new RuleReload({
    live,
    load,
    watched: watchedFiles(configPath, config.rules ?? []),
    onReloaded: () => {
      log.info('reloaded', { rules: live.current.ruleCount, digest: live.current.digest });
      onReloaded();
    },
    onRefused: (error) =>
      process.stderr.write(
        `${explain(error)}\nlogveil: not reloaded: the rules and settings of before stay in effect\n`,
      ),
  });
}

/** The configuration file and the rules of the user's own; packs change with the installation only. */
function watchedFiles(configPath: string | undefined, rules: readonly string[]): string[] {
  const config = findConfig(configPath, process.env);
  return [...(config === undefined ? [] : [config]), ...rules.filter((name) => existsSync(name))];
}
