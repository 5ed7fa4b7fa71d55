/** The audit: searches files and folders, and changes nothing. */
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { Audit } from './audit/audit.ts';
import { openComparison } from './audit/comparison.ts';
import { type AuditFlags, auditOptions } from './auditFlags.ts';
import { refuseOverwriting, refuseSharing } from './checks.ts';
import type { ExitCode } from './exitCodes.ts';
import { settingsOf } from './flags.ts';

/** @throws UsageError, ProblemsError, IoError */
export async function runAudit(paths: readonly string[], flags: AuditFlags): Promise<ExitCode> {
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  // An audit finds, it changes nothing: every finding says `keep`.
  const settings = { ...toRedactionSettings(config, process.env), action: 'keep' as const };
  const outputs = [flags.output, config.summary, flags.writeBaseline];
  const inputs = [...paths, flags.baseline, flags.diff].filter((path) => path !== undefined);
  refuseOverwriting(outputs, inputs);
  refuseSharing(outputs);
  const options = auditOptions(paths, flags, Date.now());
  const stop = stopOnSignals();
  // What asks nobody loads none of it.
  const services =
    flags.checkLive === undefined && flags.bookReview !== true
      ? undefined
      : new (await import('./audit/services.ts')).AuditServices(flags, config, settings.key, stop);
  const ruleSet = await openRuleSet(settings.rules);
  const comparison = await openComparison(flags, settings.key.id);
  return new Audit({ flags, config, settings, options, ruleSet, comparison, services, stop }).run();
}
