/** The earlier results an audit is held against: a baseline, an older document. Loaded only where one is named. */
import type { Document } from '../../app/audit/document.ts';
import type { Baseline } from '../../audit/earlier.ts';
import type { AuditDiff } from '../../audit/result.ts';
import type { ValueList } from '../../audit/valueList.ts';
import type { AuditFlags } from '../auditFlags.ts';

export interface Comparison {
  readonly baseline: Baseline | undefined;
  /** What has changed since `--diff`, and the fingerprints that are new; undefined without it. */
  compare(
    document: Document,
    values: ValueList,
  ): { readonly diff: AuditDiff; readonly added: ReadonlySet<string> } | undefined;
  /** The text of a baseline with these values, and those accepted before. */
  baselineText(values: ValueList): string;
}

/**
 * @param keyId of this run; the earlier results must have the same
 * @returns undefined when nothing earlier and no baseline is named
 * @throws UsageError, IoError
 */
export async function openComparison(flags: AuditFlags, keyId: string): Promise<Comparison | undefined> {
  const { baseline: path, diff, writeBaseline } = flags;
  if (path === undefined && diff === undefined && writeBaseline === undefined) return undefined;
  const earlier = await import('../../audit/earlier.ts');
  const baseline = path === undefined ? undefined : earlier.readBaseline(path, keyId);
  const old = diff === undefined ? undefined : earlier.readAudit(diff, keyId);
  return {
    baseline,
    compare: (document, values) => (old === undefined ? undefined : earlier.compare(old, document, values)),
    baselineText: (values) => earlier.baselineText(keyId, values, baseline),
  };
}
