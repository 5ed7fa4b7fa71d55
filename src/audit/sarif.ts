/**
 * Results as SARIF 2.1.0 (OASIS, 2020), written piece by piece. A result for each place that is listed; what is beyond is
 * told as `occurrenceCount`. Fingerprints are those of the value and count its places within a file, so that a result
 * stays the same when lines move. Rules and regions have what GitHub's code scanning requires ("SARIF support for code
 * scanning", docs.github.com).
 */
import type { Severity } from '../findings/finding.ts';
import type { AuditResult, CatalogueRule } from './result.ts';
import type { ListedPlace, ListedValue } from './valueList.ts';

const LEVELS: Readonly<Record<Severity, 'note' | 'warning' | 'error'>> = {
  low: 'note',
  medium: 'warning',
  high: 'error',
  critical: 'error',
};
/** What GitHub's code scanning sorts by, as CVSS scores. */
const SCORES: Readonly<Record<Severity, string>> = {
  low: '3.0',
  medium: '5.5',
  high: '8.0',
  critical: '9.5',
};
const HELP =
  'Take the value out of what writes the log, or redact the stream (`logveil redact`); take it out of the file ' +
  '(`logveil scrub`); revoke it if it is a credential. A value that may stay is accepted with `logveil:allow` in its ' +
  'line, or with a baseline.';
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What SARIF has of the document; `values` are taken one by one. */
export type SarifInput = Omit<AuditResult, 'values' | 'coverage'>;

/**
 * @param added fingerprints of the values that an earlier audit did not have; undefined without one
 * @returns pieces of text that are the file together
 */
export function* sarif(
  result: SarifInput,
  values: Iterable<ListedValue>,
  added: ReadonlySet<string> | undefined,
): Generator<string> {
  const used = new Set(result.aggregates.byRule.map(({ name }) => name));
  const rules = result.rules.catalogue.filter(({ id }) => used.has(id));
  const ruleIndex = new Map(rules.map(({ id }, index) => [id, index]));
  yield `{"$schema":${JSON.stringify(SCHEMA)},"version":"2.1.0","runs":[{`;
  yield `"tool":${JSON.stringify({ driver: driver(result, rules) })},`;
  yield `"invocations":${JSON.stringify([invocation(result)])},`;
  yield '"columnKind":"utf16CodeUnits",';
  yield `"automationDetails":{"id":"logveil/audit/","guid":${JSON.stringify(result.id)}},`;
  yield `"properties":${JSON.stringify({
    findings: result.totals.findings,
    findingsOfValuesNotListed: result.findingsOfValuesNotListed,
    rulesDigest: result.rules.digest,
    keyId: result.key.id,
  })},`;
  const live = new Map(result.liveChecks?.keys.map(({ fingerprint, state }) => [fingerprint, state]));
  yield '"results":[';
  let separator = '\n';
  for (const value of values) {
    const state = added === undefined ? undefined : added.has(value.fingerprint) ? 'new' : 'unchanged';
    let [path, inFile] = ['', 0];
    for (const [place, location] of value.locations.entries()) {
      const isLast = place === value.locations.length - 1;
      inFile = location.path === path ? inFile + 1 : 1;
      path = location.path;
      const facts = {
        ruleIndex: ruleIndex.get(value.rule) ?? -1,
        inFile,
        more: isLast ? value.locationsNotListed : 0,
        state,
        live: live.get(value.fingerprint),
      };
      yield separator + JSON.stringify(resultOf(value, location, facts));
      separator = ',\n';
    }
  }
  yield '\n]}]}\n';
}

function driver(result: SarifInput, rules: readonly CatalogueRule[]): object {
  return {
    name: result.tool.name,
    version: result.tool.version,
    semanticVersion: result.tool.version,
    rules: rules.map(({ id, pack, entity, category, gdpr, severity, confidence }) => ({
      id,
      name: entity,
      shortDescription: { text: `${entity} in a log` },
      fullDescription: {
        text: `The rule ${id} of the pack ${pack} finds ${entity} (${[category, ...gdpr].join(', ')}).`,
      },
      help: { text: HELP },
      defaultConfiguration: { level: LEVELS[severity] },
      properties: {
        tags: ['security', category, ...gdpr],
        precision: confidence >= 0.9 ? 'very-high' : confidence >= 0.7 ? 'high' : 'medium',
        'security-severity': SCORES[severity],
        pack,
      },
    })),
  };
}

function invocation(result: SarifInput): object {
  return {
    executionSuccessful: result.run.complete,
    startTimeUtc: result.run.started,
    endTimeUtc: result.run.ended,
    toolExecutionNotifications: result.failures.map((text) => ({ level: 'error', message: { text } })),
  };
}

/** What a result tells beside its value and place. */
interface ResultFacts {
  readonly ruleIndex: number;
  /** Number of the place among those of the value in its file, from 1. */
  readonly inFile: number;
  /** Places that are not listed. */
  readonly more: number;
  readonly state: string | undefined;
  /** What its service said of it, where it was asked. */
  readonly live: string | undefined;
}

function resultOf(value: ListedValue, location: ListedPlace, facts: ResultFacts): object {
  const { ruleIndex, inFile, more, state, live } = facts;
  const { rule, entity, severity, fingerprint } = value;
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${entity} found by the rule ${rule}; the value is known as ${fingerprint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactOf(location.path),
          region: regionOf(location),
        },
      },
    ],
    partialFingerprints: {
      'logveilFingerprint/v1': fingerprint,
      primaryLocationLineHash: `${fingerprint}:${inFile}`,
    },
    ...(more > 0 && { occurrenceCount: more + 1 }),
    ...(state !== undefined && { baselineState: state }),
    properties: {
      category: value.category,
      findings: value.findings,
      ...(live !== undefined && { liveCheck: live }),
    },
  };
}

/** Without columns, where the line is too long for them, the region is the whole line. */
function regionOf({ line, column, offset, length, text }: ListedPlace): object {
  const properties = { byteOffset: offset, byteLength: length, byteColumn: column };
  if (text === undefined) return { startLine: line, properties };
  const [startColumn, lines, endColumn] = text;
  return { startLine: line, startColumn, endLine: line + lines, endColumn, properties };
}

/** RFC 3986: absolute paths as `file:`, others relative to the folder the audit ran in. */
function artifactOf(path: string): object {
  const encoded = path
    .replace(/^(?:\.\/+)+/, '')
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return path.startsWith('/') ? { uri: `file://${encoded}` } : { uri: encoded, uriBaseId: '%SRCROOT%' };
}
