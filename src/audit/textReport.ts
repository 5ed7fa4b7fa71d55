/** An audit's findings for people: one line each, without the value. */
import pc from 'picocolors';
import type { Finding, Severity } from '../findings/finding.ts';

const COLOURS: Readonly<Record<Severity, (text: string) => string>> = {
  low: pc.dim,
  medium: pc.yellow,
  high: pc.red,
  critical: (text) => pc.bold(pc.red(text)),
};

/** `app.log:12:34  high  aws-access-key-id  AWS_ACCESS_KEY  20 bytes` */
export function findingLine(finding: Finding): string {
  const { source, line, column, severity, rule, entity, length } = finding;
  const place = pc.bold(`${source}:${line}:${column}`);
  return `${place}  ${COLOURS[severity](severity)}  ${rule}  ${pc.dim(`${entity}, ${length} bytes`)}`;
}
