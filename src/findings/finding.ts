/**
 * The nouns every part shares: what a rule says about a value, and what a finding says about a place.
 * The shapes of `Finding` are a fixed contract (`logveil.finding/1`); other programs read them.
 */

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CATEGORIES = [
  'pii',
  'secret',
  'special',
  'online-id',
  'financial',
  'national-id',
  'health',
] as const;
export type Category = (typeof CATEGORIES)[number];

/**
 * What happens to a match, from the mildest to the strictest. Where matches with different actions overlap, the
 * strictest of them is applied to their union, so that no rule's bytes show because another rule was milder.
 */
export const ACTIONS = ['keep', 'mask', 'pseudonymize', 'redact', 'remove', 'drop-line'] as const;
export type Action = (typeof ACTIONS)[number];

export const FINDING_SCHEMA = 'logveil.finding/1';
/** Of a line behind the findings, with `audit --check-live`: whether a key still works. */
export const LIVE_CHECK_SCHEMA = 'logveil.live-check/1';

/** One detected value, without the value. */
export interface Finding {
  readonly schema: typeof FINDING_SCHEMA;
  readonly rule: string;
  readonly entity: string;
  readonly category: Category;
  readonly gdpr: readonly string[];
  readonly severity: Severity;
  /** 0 to 1. */
  readonly confidence: number;
  /** `stdin` or the path as it was given. */
  readonly source: string;
  /** Counts from 1. */
  readonly line: number;
  /** In bytes from the line's start, counts from 1. */
  readonly column: number;
  /** In bytes from the start of the (decompressed) source. */
  readonly offset: number;
  /** In bytes of the original source. */
  readonly length: number;
  readonly action: Action;
  /** HMAC-SHA-256 over entity and value, the first 32 hex digits. */
  readonly fingerprint: string;
  readonly keyId: string;
  /** Present when a `logveil:allow` comment in an audited line covers it: it fails no audit and is counted apart. */
  readonly suppressed?: 'comment';
}
