/** An audit for people: rules by severity, lines around findings with the values masked, and what was not looked at. */
import type { Severity } from '../findings/finding.ts';
import type { Paint, Style } from '../telemetry/colour.ts';
import { formatSize } from '../telemetry/size.ts';
import type { Example } from './aggregate.ts';
import { SEVEREST_FIRST } from './groups.ts';
import { printable } from './printable.ts';
import type { AuditResult, CatalogueRule, Group, LiveChecks } from './result.ts';

const STYLES: Readonly<Record<Severity, Style>> = {
  low: 'dim',
  medium: 'yellow',
  high: 'red',
  critical: ['bold', 'red'],
};
const MOST_GAPS = 20;
const MOST_SERVICES = 5;
const MOST_KEYS = 20;

/** What the report tells of. */
export interface TextInput {
  readonly result: Omit<AuditResult, 'values'>;
  /** Lines around findings by rule id; none with the format `summary`. */
  readonly examples: ReadonlyMap<string, readonly Example[]>;
  readonly showsExamples: boolean;
}

/** @returns pieces of text that are the report together */
export function* textReport({ result, examples, showsExamples }: TextInput, paint: Paint): Generator<string> {
  const catalogue = new Map(result.rules.catalogue.map((rule) => [rule.id, rule]));
  const severityOf = ({ name }: Group): Severity => (catalogue.get(name) as CatalogueRule).severity;
  const groups = [...result.aggregates.byRule].sort(
    (a, b) => SEVEREST_FIRST.indexOf(severityOf(a)) - SEVEREST_FIRST.indexOf(severityOf(b)),
  );
  for (const group of groups) {
    const severity = severityOf(group);
    const { entity, category } = catalogue.get(group.name) as CatalogueRule;
    const counts = `${count(group.findings, 'finding')}, ${valuesOf(group)}, ${count(group.files, 'file')}`;
    yield `${paint(STYLES[severity], severity.padEnd(8))}  ${paint('bold', group.name)}  ${paint('dim', `${entity}, ${category}`)}  ${counts}\n`;
    if (!showsExamples) continue;
    const shown = examples.get(group.name) ?? [];
    for (const { source, line, column, text } of shown) {
      const place = paint('cyan', `${printable(source)}:${line}:${column}`);
      yield `  ${place}${text === '' ? '' : `  ${text}`}\n`;
    }
    if (group.findings > shown.length)
      yield paint('dim', `  ... and ${group.findings - shown.length} more\n`);
    yield '\n';
  }
  yield* summaryText(result, paint);
}

/** The end of the report: totals, gaps, comparison. */
function* summaryText(result: Omit<AuditResult, 'values'>, paint: Paint): Generator<string> {
  const { totals, coverage, aggregates, run, diff, liveChecks } = result;
  const severities = SEVEREST_FIRST.filter((severity) => totals.bySeverity[severity] > 0).map((severity) =>
    paint(STYLES[severity], `${totals.bySeverity[severity]} ${severity}`),
  );
  const head =
    totals.findings === 0
      ? paint('green', 'nothing found')
      : paint('bold', count(totals.findings, 'finding'));
  const about = totals.distinct.exact ? '' : 'about ';
  yield `${[head, ...(totals.findings === 0 ? [] : [`${about}${count(totals.distinct.count, 'distinct value')}`, severities.join(', ')])].join('; ')}\n`;
  const { files, members, bytes } = coverage;
  const searched = files.examined + files.partly;
  const inArchives = members.found > 0 ? `, ${members.examined} of ${members.found} members of archives` : '';
  yield `${searched} of ${count(files.found, 'file')} searched${inArchives}; ${formatSize(bytes.searched)}, ${count(coverage.lines, 'line')}, ${run.seconds} s\n`;
  const services = aggregates.byService.slice(0, MOST_SERVICES);
  if (services.length > 1) {
    yield `most in: ${services.map(({ name, findings }) => `${printable(name)} (${findings})`).join(', ')}\n`;
  }
  const left = [
    [totals.suppressed, 'suppressed by comments'],
    [totals.baseline, 'known from the baseline'],
    [totals.outsideTime, 'outside of the time asked for'],
  ] as const;
  for (const [findings, why] of left) if (findings > 0) yield `${count(findings, 'finding')} ${why}\n`;
  if (diff !== undefined) {
    const { values } = diff;
    const part = diff.complete ? '' : ', of the values listed';
    yield `since ${diff.old.started}: ${values.added} new values, ${values.gone} gone, ${values.kept} as before${part}\n`;
  }
  if (liveChecks !== undefined) yield* liveText(liveChecks, paint);
  for (const { state, reason, files: many } of coverage.reasons.slice(0, MOST_GAPS)) {
    const style: Style = state === 'filtered' || state === 'passed-over' ? 'dim' : 'yellow';
    yield `${paint(style, `${state}: ${count(many, 'file')}: ${printable(reason)}`)}\n`;
  }
}

/** Keys that work come first: they are what to do now. */
function* liveText({ url, counts, keys }: LiveChecks, paint: Paint): Generator<string> {
  const { live, revoked, unknown } = counts;
  const works = paint(live > 0 ? ['bold', 'red'] : 'green', `${live} still work${live === 1 ? 's' : ''}`);
  yield `Cal.com keys, asked at ${url}: ${works}, ${revoked} revoked, ${unknown} not known\n`;
  for (const state of ['live', 'unknown'] as const) {
    const found = keys.filter((key) => key.state === state);
    for (const { fingerprint, reason, location } of found.slice(0, MOST_KEYS)) {
      const place = location && `${printable(location.path)}:${location.line}:${location.column}`;
      const shown = state === 'live' ? paint(['bold', 'red'], state) : state;
      const told = [shown, paint('cyan', place ?? '(place not listed)'), fingerprint, reason];
      yield `  ${told.filter((text) => text !== undefined).join('  ')}\n`;
    }
    if (found.length > MOST_KEYS) yield paint('dim', `  ... and ${found.length - MOST_KEYS} more\n`);
  }
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

function valuesOf({ distinct }: Group): string {
  return `${distinct.exact ? '' : 'about '}${count(distinct.count, 'value')}`;
}
