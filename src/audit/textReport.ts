/** An audit's findings for people: one line each, without the value. */
import type { Finding, Severity } from '../findings/finding.ts';
import type { Paint, Style } from '../telemetry/colour.ts';

const STYLES: Readonly<Record<Severity, Style>> = {
  low: 'dim',
  medium: 'yellow',
  high: 'red',
  critical: ['bold', 'red'],
};

/** `app.log:12:34  high  aws-access-key-id  AWS_ACCESS_KEY, 20 bytes` */
export function findingLine(finding: Finding, paint: Paint): string {
  const { line, column, severity, rule, entity, length } = finding;
  const place = paint('bold', `${printable(finding.source)}:${line}:${column}`);
  const note = finding.suppressed === undefined ? '' : ', suppressed by a comment';
  return `${place}  ${paint(STYLES[severity], severity)}  ${rule}  ${paint('dim', `${entity}, ${length} bytes${note}`)}`;
}

/** A file's name may hold what a terminal would obey. */
function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '?');
}
