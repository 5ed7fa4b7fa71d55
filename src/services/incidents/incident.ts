/**
 * An incident: leaks that people should look at together. It knows rules, counts and keyed fingerprints; no value, no
 * path, no line.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SEVERITIES, type Severity } from '../../findings/finding.ts';

/** A distinct value that leaked, and how often. */
export interface Leak {
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly findings: number;
}

const INCIDENT_SCHEMA = 'logveil.incident/1';
/** Fingerprints an incident is known by: some 400 KB. */
export const MOST_FINGERPRINTS = 10_000;
const MOST_RULES = 500;
const ID_DIGITS = 24;

const count = z.number().int().min(0);
export const fingerprintSchema = z.string().regex(/^[0-9a-f]{32}$/);
/** Ids of rules as rule files may name them; they go into the invitation. */
const ruleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,999}$/);

export const incidentSchema = z.strictObject({
  schema: z.literal(INCIDENT_SCHEMA),
  id: z.string().regex(/^inc_[0-9a-f]{24}$/),
  createdMs: count,
  severity: z.enum(SEVERITIES),
  findings: count,
  /** Distinct values, whether or not their fingerprints are listed. */
  values: count,
  rules: z
    .array(z.strictObject({ rule: ruleId, severity: z.enum(SEVERITIES), findings: count, values: count }))
    .max(MOST_RULES),
  fingerprints: z.array(fingerprintSchema).min(1).max(MOST_FINGERPRINTS),
  /** Whether a booking was, or may have been, asked for under this id. */
  isAsked: z.boolean(),
});

export type Incident = z.infer<typeof incidentSchema>;

/** @param leaks at least one, each value once */
export function toIncident(leaks: readonly Leak[], createdMs: number): Incident {
  const rules = new Map<string, Incident['rules'][number]>();
  for (const { rule, severity, findings } of leaks) {
    const known = rules.get(rule) ?? { rule, severity, findings: 0, values: 0 };
    rules.set(rule, { ...known, findings: known.findings + findings, values: known.values + 1 });
  }
  return incidentOf({
    createdMs,
    values: leaks.length,
    rules: [...rules.values()],
    fingerprints: leaks.map(({ fingerprint }) => fingerprint),
  });
}

/** What waits becomes one incident. @param incidents at least one */
export function merged(incidents: readonly Incident[]): Incident {
  const [first] = incidents;
  if (incidents.length === 1) return first as Incident;
  const rules = new Map<string, Incident['rules'][number]>();
  for (const { rule, severity, findings, values } of incidents.flatMap((incident) => incident.rules)) {
    const known = rules.get(rule);
    rules.set(rule, {
      rule,
      severity,
      findings: findings + (known?.findings ?? 0),
      values: values + (known?.values ?? 0),
    });
  }
  return incidentOf({
    createdMs: Math.min(...incidents.map(({ createdMs }) => createdMs)),
    values: sum(incidents.map(({ values }) => values)),
    rules: [...rules.values()],
    fingerprints: incidents.flatMap(({ fingerprints }) => fingerprints),
  });
}

function incidentOf(facts: Pick<Incident, 'createdMs' | 'values' | 'rules' | 'fingerprints'>): Incident {
  const fingerprints = [...new Set(facts.fingerprints)].sort();
  const rules = facts.rules.toSorted(
    (a, b) => rank(b.severity) - rank(a.severity) || b.values - a.values || (a.rule < b.rule ? -1 : 1),
  );
  // Of the same leaks the same, on each machine with the same key: that is how a booking is found again.
  const digest = createHash('sha256').update(fingerprints.join('\n')).digest('hex');
  return {
    schema: INCIDENT_SCHEMA,
    id: `inc_${digest.slice(0, ID_DIGITS)}`,
    createdMs: facts.createdMs,
    severity: (rules[0] as Incident['rules'][number]).severity,
    findings: sum(rules.map(({ findings }) => findings)),
    values: facts.values,
    rules: rules.slice(0, MOST_RULES),
    fingerprints: fingerprints.slice(0, MOST_FINGERPRINTS),
    isAsked: false,
  };
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
