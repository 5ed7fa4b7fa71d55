/** The totals of `--stats`, for people. */

import type { Anomalies, Summary } from '../findings/summary.ts';
import type { Paint } from '../telemetry/colour.ts';
import { formatSize } from '../telemetry/size.ts';

const ANOMALY_NAMES: Readonly<Record<keyof Anomalies, string>> = {
  linesWithheld: 'lines withheld after an error',
  linesPassedOnError: 'lines passed raw after an error',
  linesDropped: 'lines dropped by their action',
  bytesDropped: 'bytes dropped with them',
  longLines: 'lines longer than the limit, redacted in windows',
  blocksWithoutEnd: 'multi-line values without an end',
  matchesInKeys: 'matches in JSON keys, left as they are',
  findingsLost: 'findings that could not be written',
};

/** @returns lines that end with a line end */
export function statsText(summary: Summary, paint: Paint): string {
  const { lines, linesChanged, bytesIn, bytesOut, seconds, findings, distinct } = summary;
  const rate = formatSize(Math.round(bytesIn / Math.max(seconds, 0.001)));
  const about = distinct.exact ? '' : 'about ';
  const rows = [
    `${paint('bold', String(findings))} findings, ${about}${distinct.count} distinct, in ${linesChanged} of ${lines} lines`,
    `${formatSize(bytesIn)} in, ${formatSize(bytesOut)} out, ${seconds} s, ${rate}/s, ${summary.rules} rules`,
    ...Object.entries(summary.byRule)
      .sort(([, a], [, b]) => b - a)
      .map(([rule, count]) => `${String(count).padStart(9)}  ${rule}`),
    ...(summary.suppressed > 0 ? [`${String(summary.suppressed).padStart(9)}  suppressed by comments`] : []),
    ...(Object.keys(ANOMALY_NAMES) as (keyof Anomalies)[])
      .filter((name) => summary.anomalies[name] > 0)
      .map((name) =>
        paint('yellow', `${String(summary.anomalies[name]).padStart(9)}  ${ANOMALY_NAMES[name]}`),
      ),
    ...(summary.key.source === 'random'
      ? [
          paint(
            'dim',
            'fingerprints are keyed for this run only; LOGVEIL_KEY or --key-file makes them comparable',
          ),
        ]
      : []),
  ];
  return `${rows.join('\n')}\n`;
}
