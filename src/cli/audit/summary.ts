/** `--summary` and `--stats` of an audit: the totals every command tells, taken from the audit's own counts. */
import type { Document } from '../../app/audit/document.ts';
import type { Config } from '../../config/schema.ts';
import type { Summary } from '../../findings/summary.ts';
import { writeSummary } from '../../sinks/summaryFile.ts';
import { paintFor } from '../../telemetry/colour.ts';
import { statsText } from '../stats.ts';

/**
 * @param base of a run that has counted nothing itself
 * @param statsFd where `--stats` goes
 * @throws IoError
 */
export function writeAuditSummary(config: Config, base: Summary, document: Document, statsFd: number): void {
  if (config.summary === undefined && config.stats !== true) return;
  const { totals, aggregates, coverage, anomalies, run } = document;
  const counted = (groups: typeof aggregates.byRule): Record<string, number> =>
    Object.fromEntries(groups.map(({ name, findings }) => [name, findings]));
  const { suppressed } = totals;
  const summary: Summary = {
    ...base,
    ...{ suppressed },
    started: run.started,
    seconds: run.seconds,
    bytesIn: coverage.bytes.searched,
    bytesOut: 0,
    lines: coverage.lines,
    linesChanged: 0,
    findings: totals.findings,
    distinct: { count: totals.distinct.count, exact: totals.distinct.exact },
    byRule: counted(aggregates.byRule),
    byEntity: counted(aggregates.byEntity),
    byCategory: counted(aggregates.byCategory),
    bySeverity: totals.bySeverity,
    byAction: totals.findings === 0 ? {} : { keep: totals.findings },
    anomalies: {
      ...base.anomalies,
      linesWithheld: anomalies.linesWithheld,
      longLines: anomalies.longLines,
      blocksWithoutEnd: anomalies.blocksWithoutEnd,
      matchesInKeys: anomalies.matchesInKeys,
      findingsLost: anomalies.findingsNotWritten,
    },
  };
  if (config.summary !== undefined) writeSummary(config.summary, summary);
  if (config.stats === true) process.stderr.write(statsText(summary, paintFor(statsFd)));
}
