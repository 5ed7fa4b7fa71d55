/**
 * What earlier audits have left: baselines of accepted findings, and documents to compare with. Both know values by their
 * keyed fingerprints, so the key must be the same.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { describeIo, IoError, UsageError } from '../errors.ts';
import { type AuditDiff, type AuditResult, auditResultSchema } from './result.ts';
import type { ValueList } from './valueList.ts';

const BASELINE_SCHEMA = 'logveil.baseline/1';
/** Node holds no longer string. */
const MOST_BYTES = 500 * 1024 * 1024;
/** Fingerprints listed in a comparison. */
const MOST_LISTED = 10_000;

const fingerprint = z.string().regex(/^[0-9a-f]{32}$/);
const baselineSchema = z.strictObject({
  schema: z.literal(BASELINE_SCHEMA),
  keyId: z.string(),
  created: z.string(),
  fingerprints: z.array(fingerprint),
});

export interface Baseline {
  readonly keyId: string;
  readonly sha256: string;
  readonly fingerprints: ReadonlySet<string>;
}

/**
 * Reads a baseline, or takes the values of an audit for one.
 * @throws IoError, UsageError when it is neither, belongs to another key, or does not list all its values
 */
export function readBaseline(path: string, keyId: string): Baseline {
  const text = readText(path);
  const parsed = parseJson(path, text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const baseline = baselineSchema.safeParse(parsed);
  if (baseline.success) {
    refuseOtherKey(path, baseline.data.keyId, keyId);
    return { keyId, sha256, fingerprints: new Set(baseline.data.fingerprints) };
  }
  const audit = checkAudit(
    path,
    parsed,
    'a baseline (--write-baseline), or the result of `audit --format json`',
  );
  refuseOtherKey(path, audit.key.id, keyId);
  if (audit.findingsOfValuesNotListed > 0) {
    throw new UsageError(
      `${path}: expected an audit that lists all its values; --write-baseline makes a whole baseline`,
    );
  }
  return { keyId, sha256, fingerprints: new Set(audit.values.map((value) => value.fingerprint)) };
}

/** The text of a baseline with the values of this audit, and those accepted before. */
export function baselineText(keyId: string, values: ValueList, before: Baseline | undefined): string {
  const fingerprints = [...new Set([...(before?.fingerprints ?? []), ...values.fingerprints()])].sort();
  const head = { schema: BASELINE_SCHEMA, keyId, created: new Date().toISOString() };
  return `${JSON.stringify({ ...head, fingerprints }, null, 1)}\n`;
}

/** @throws IoError, UsageError */
export function readAudit(path: string, keyId: string): AuditResult {
  const audit = checkAudit(path, parseJson(path, readText(path)), 'the result of `audit --format json`');
  refuseOtherKey(path, audit.key.id, keyId);
  return audit;
}

/** What has changed since an earlier audit, and which values are new. */
export function compare(
  old: AuditResult,
  now: Pick<AuditResult, 'totals' | 'aggregates' | 'findingsOfValuesNotListed'>,
  values: ValueList,
): { readonly diff: AuditDiff; readonly added: ReadonlySet<string> } {
  const before = new Set(old.values.map((value) => value.fingerprint));
  const added = [...values.fingerprints()].filter((one) => !before.has(one));
  const gone = [...before].filter((one) => !values.has(one));
  const oldCounts = new Map(old.aggregates.byRule.map(({ name, findings }) => [name, findings]));
  const nowCounts = new Map(now.aggregates.byRule.map(({ name, findings }) => [name, findings]));
  const rules = [...new Set([...oldCounts.keys(), ...nowCounts.keys()])].sort();
  const diff: AuditDiff = {
    old: { id: old.id, started: old.run.started, ended: old.run.ended, rulesDigest: old.rules.digest },
    complete: old.findingsOfValuesNotListed === 0 && now.findingsOfValuesNotListed === 0,
    values: { added: added.length, gone: gone.length, kept: before.size - gone.length },
    findings: { old: old.totals.findings, now: now.totals.findings },
    byRule: rules.map((rule) => ({ rule, old: oldCounts.get(rule) ?? 0, now: nowCounts.get(rule) ?? 0 })),
    added: added.slice(0, MOST_LISTED),
    gone: gone.slice(0, MOST_LISTED),
  };
  return { diff, added: new Set(added) };
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MOST_BYTES) {
      throw new UsageError(
        `${path}: expected at most ${MOST_BYTES} bytes; --max-values makes smaller results`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new IoError(`${path}: can't be read: ${describeIo(error)}`, { cause: error });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the file.
    throw new UsageError(`${path}: expected JSON`);
  }
}

function checkAudit(path: string, parsed: unknown, expected: string): AuditResult {
  const audit = auditResultSchema.safeParse(parsed);
  if (audit.success) return audit.data;
  const place = audit.error.issues[0]?.path.join('.') || 'its top';
  throw new UsageError(`${path}: expected ${expected}; it differs at ${place}`);
}

function refuseOtherKey(path: string, keyId: string, ours: string): void {
  if (keyId === ours) return;
  throw new UsageError(
    `${path}: its fingerprints belong to the key ${keyId}, this run has ${ours}; give the same key with LOGVEIL_KEY or --key-file`,
  );
}
