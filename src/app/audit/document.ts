/** Puts the document of an audit together from its counts. */
import { createHash } from 'node:crypto';
import type { Aggregate } from '../../audit/aggregate.ts';
import type { CoverageTally } from '../../audit/coverageTally.ts';
import type { Baseline } from '../../audit/earlier.ts';
import type { AuditResult } from '../../audit/result.ts';
import type { RuleFacts } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { KNOWN_SECRET_RULE } from '../../known/rule.ts';
import { type RuleSet, toMatchingRule } from '../../rules/ruleSet.ts';
import { VERSION } from '../../version.ts';

/** Messages kept in the document. */
const MOST_FAILURES = 1000;

export interface DocumentInput {
  readonly id: string;
  readonly settings: RedactionSettings;
  readonly ruleSet: RuleSet;
  /** Of the rules in effect, values allowed by the configuration included. */
  readonly rulesDigest: string;
  readonly rules: readonly RuleFacts[];
  readonly scope: AuditResult['scope'];
  readonly run: AuditResult['run'];
  readonly aggregate: Aggregate;
  readonly coverage: CoverageTally;
  readonly anomalies: AuditResult['anomalies'];
  readonly baseline: Baseline | undefined;
  readonly failures: readonly string[];
}

/** All but the values, which are listed one by one. */
export type Document = Omit<AuditResult, 'values'>;

export function documentOf(input: DocumentInput): Document {
  const {
    id,
    settings,
    ruleSet,
    rulesDigest,
    rules,
    scope,
    run,
    aggregate,
    coverage,
    anomalies,
    baseline,
    failures,
  } = input;
  return {
    schema: 'logveil.audit/1',
    id,
    tool: {
      name: 'logveil',
      version: VERSION,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
    rules: {
      names: [...settings.rules],
      digest: rulesDigest,
      packs: packsOf(ruleSet),
      catalogue: rules.map(catalogued),
    },
    config: { digest: configDigest(settings) },
    key: { id: settings.key.id, source: settings.key.source },
    run,
    scope,
    coverage: coverage.result(scope.sample),
    totals: {
      findings: aggregate.findings,
      distinct: aggregate.distinct,
      bySeverity: aggregate.bySeverity,
      ...aggregate.left,
    },
    ...aggregate.result(),
    findingsOfValuesNotListed: aggregate.values.findingsNotListed,
    ...(baseline !== undefined && {
      baseline: {
        keyId: baseline.keyId,
        fingerprints: baseline.fingerprints.size,
        sha256: baseline.sha256,
        findings: aggregate.left.baseline,
      },
    }),
    anomalies,
    failures: failures.slice(0, MOST_FAILURES),
    failuresNotListed: Math.max(0, failures.length - MOST_FAILURES),
  };
}

export function ruleFacts(
  ruleSet: RuleSet,
  { knownSecrets }: Pick<RedactionSettings, 'knownSecrets'>,
): RuleFacts[] {
  const facts = ruleSet.rules.map(
    ({ rule, pack }): RuleFacts => ({
      id: rule.id,
      pack,
      entity: rule.entity,
      category: rule.category,
      gdpr: rule.gdpr,
      severity: rule.severity,
      confidence: rule.confidence,
      validators: rule.validators,
    }),
  );
  return knownSecrets.length === 0
    ? facts
    : [...facts, { ...KNOWN_SECRET_RULE, pack: 'user', validators: [] }];
}

/** SHA-256 of the settings that decide what is found, without the key. */
export function configDigest(settings: RedactionSettings): string {
  const { rules, engine, allow, minConfidence, keepPrivateIps, maxLineBytes, overlapBytes, knownSecrets } =
    settings;
  const text = JSON.stringify({
    engine,
    keepPrivateIps,
    maxLineBytes,
    overlapBytes,
    rules,
    allow,
    minConfidence,
    knownSecrets,
  });
  return createHash('sha256').update(text).digest('hex');
}

function catalogued(rule: RuleFacts): AuditResult['rules']['catalogue'][number] {
  return { ...rule, gdpr: [...rule.gdpr], validators: [...rule.validators] };
}

function packsOf(ruleSet: RuleSet): AuditResult['rules']['packs'] {
  const packs = new Map<string, string[]>();
  for (const { rule, pack } of ruleSet.rules) {
    packs.set(pack, [...(packs.get(pack) ?? []), JSON.stringify(toMatchingRule(rule))]);
  }
  return [...packs].map(([name, rules]) => ({
    name,
    rules: rules.length,
    digest: createHash('sha256').update(rules.join('\n')).digest('hex'),
  }));
}
