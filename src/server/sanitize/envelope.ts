/** The answer as one JSON document: the redacted text, what was found in it, and counts. */
import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { Finding } from '../../findings/finding.ts';
import { MOST_FINDINGS, type RequestSummary, type sanitizedSchema } from '../schemas.ts';
import type { RequestCounts } from './sanitizing.ts';

export function summaryOf(counts: RequestCounts): RequestSummary {
  const { bytesIn, bytesOut, lines, linesChanged, linesWithheld, linesPassedRaw, found } = counts;
  const { findings, byRule, byEntity, byCategory, bySeverity } = found;
  return {
    ...{ bytesIn, bytesOut, lines, linesChanged, linesWithheld, linesPassedRaw },
    ...{ findings, byRule, byEntity, byCategory, bySeverity },
  };
}

/** Findings up to a number that an answer can hold. */
export class FindingList {
  readonly findings: Finding[] = [];
  leftOut = 0;

  add(finding: Finding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding);
    else this.leftOut++;
  }
}

interface EnvelopeParts {
  readonly requestId: string;
  readonly rulesDigest: string;
  readonly bytes: Buffer;
  readonly counts: RequestCounts;
  readonly found: FindingList;
}

export function envelope({ requestId, rulesDigest, bytes, counts, found }: EnvelopeParts): string {
  const isText = isUtf8(bytes);
  const answer = {
    schema: 'logveil.sanitized/1',
    requestId,
    rulesDigest,
    encoding: isText ? 'utf-8' : 'base64',
    text: bytes.toString(isText ? 'utf8' : 'base64'),
    summary: summaryOf(counts),
    findings: found.findings.map((finding) => ({ ...finding, gdpr: [...finding.gdpr] })),
    findingsLeftOut: found.leftOut,
  } satisfies z.infer<typeof sanitizedSchema>;
  return JSON.stringify(answer);
}
