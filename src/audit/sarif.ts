/**
 * Results as SARIF 2.1.0 (OASIS, 2020), written piece by piece. A result for each place that is listed; what is beyond is
 * told as `occurrenceCount`. Fingerprints are those of the value, so that a result stays the same when lines move.
 */
import type { Severity } from '../findings/finding.ts';
import type { AuditResult, AuditValue, CatalogueRule, Location } from './result.ts';

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
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What SARIF has of the document; `values` are taken one by one. */
export type SarifInput = Omit<AuditResult, 'values' | 'coverage'>;

/**
 * @param added fingerprints of the values that an earlier audit did not have; undefined without one
 * @returns pieces of text that are the file together
 */
export function* sarif(
  result: SarifInput,
  values: Iterable<AuditValue>,
  added: ReadonlySet<string> | undefined,
): Generator<string> {
  const used = new Set(result.aggregates.byRule.map(({ name }) => name));
  const rules = result.rules.catalogue.filter(({ id }) => used.has(id));
  const ruleIndex = new Map(rules.map(({ id }, index) => [id, index]));
  yield `{"$schema":${JSON.stringify(SCHEMA)},"version":"2.1.0","runs":[{`;
  yield `"tool":${JSON.stringify({ driver: driver(result, rules) })},`;
  yield `"invocations":${JSON.stringify([invocation(result)])},`;
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
    for (const [place, location] of value.locations.entries()) {
      const isLast = place === value.locations.length - 1;
      const more = isLast ? value.locationsNotListed : 0;
      yield separator +
        JSON.stringify(
          resultOf(
            value,
            location,
            ruleIndex.get(value.rule) ?? -1,
            more,
            state,
            live.get(value.fingerprint),
          ),
        );
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

function resultOf(
  value: AuditValue,
  location: Location,
  ruleIndex: number,
  more: number,
  state: string | undefined,
  live: string | undefined,
): object {
  const { rule, entity, severity, fingerprint } = value;
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${entity} found by the rule ${rule}; the value is known as ${fingerprint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(location.path) },
          region: {
            startLine: location.line,
            byteOffset: location.offset,
            byteLength: location.length,
            properties: { byteColumn: location.column },
          },
        },
      },
    ],
    partialFingerprints: {
      'logveilFingerprint/v1': fingerprint,
      primaryLocationLineHash: `${fingerprint}:1`,
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

/** RFC 3986: absolute paths as `file:`, others relative. */
function uriOf(path: string): string {
  const encoded = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
