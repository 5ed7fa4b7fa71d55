/**
 * The document of `audit --format json`, schema `logveil.audit/1`: what was looked at, what was not, what was found, how
 * sure, and by which rules. Reports, comparisons and baselines read it. It never holds a value: places, counts and keyed
 * fingerprints only. Every list in it is bounded; what did not fit is counted beside it.
 *
 * This file loads zod: import types with `import type`, and the rest lazily.
 */
import { z } from 'zod';
import { CATEGORIES, SEVERITIES } from '../findings/finding.ts';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const instant = z.iso.datetime();
/** Calendar day in UTC, `YYYY-MM-DD`. */
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const severity = z.enum(SEVERITIES);
const category = z.enum(CATEGORIES);

const bySeverity = z.object({ low: count, medium: count, high: count, critical: count });

/** How many different values; `error` is the standard error as a share of the count, 0 where it is exact. */
const distinct = z.object({ count, exact: z.boolean(), error: z.number().min(0) });

/** A rule as it was in force. */
const catalogueRule = z.object({
  id: z.string(),
  /** `secrets`, `pii`, `pii/de`, or `user` for rules named by path. */
  pack: z.string(),
  entity: z.string(),
  category,
  gdpr: z.array(z.string()),
  severity,
  /** Before context words. */
  confidence: share,
  /** Checks that all have to accept a value; with any, the rule's findings count as validated. */
  validators: z.array(z.string()),
});

/**
 * What became of a file.
 * - `examined`: read to its end.
 * - `partly`: read up to where it could not be read on; a gap in the audit.
 * - `unreadable`: no permission, vanished, damaged from the start; a gap.
 * - `binary`, `encoding`: recognised as no text, or as text in an encoding that rules can't search; a gap, unless binary
 *   files were to be skipped.
 * - `filtered`: left out by include, exclude, size, age, time or the sample, as asked.
 * - `passed-over`: holds no bytes of this folder: a symbolic link, a socket, a device, what this audit writes itself.
 */
export const FILE_STATES = [
  'examined',
  'partly',
  'unreadable',
  'binary',
  'encoding',
  'filtered',
  'passed-over',
] as const;
const fileState = z.enum(FILE_STATES);

/** A file, or a member of an archive as `archive.tar!/member`. */
const fileEntry = z.object({
  path: z.string(),
  state: fileState,
  /** Why it was not examined whole; only then. For people. */
  reason: z.string().optional(),
  /** As stored, in bytes; of what can't be looked at 0. */
  size: count,
  /** Time of the last change. */
  modified: instant.optional(),
  /** Whole days between the last change and the start of the audit. */
  ageDays: z.number().int().optional(),
  /** `gzip`, `zstd`, `xz`, `bzip2`, `tar`, or several such as `gzip+tar`; absent for plain files. */
  format: z.string().optional(),
  /** Bytes searched, decompressed. */
  bytes: count,
  lines: count,
  findings: count,
  service: z.string(),
  /** SHA-256 of the file as stored, with `--sha256`. */
  sha256: sha256.optional(),
});

/** How many came to each state. */
const byState = z.object({
  found: count,
  examined: count,
  partly: count,
  unreadable: count,
  binary: count,
  encoding: count,
  filtered: count,
  'passed-over': count,
});

const coverage = z.object({
  /** Files by what became of them; `found` is their sum. Members of archives are not counted here. */
  files: byState,
  /** Members of archives, by the same states. */
  members: byState,
  bytes: z.object({
    /** Size as stored of all files found. */
    found: count,
    /** Of these, bytes as stored that were read. */
    read: count,
    /** Bytes searched, after decompression. */
    searched: count,
    /** Bytes as stored of files that should have been examined and were not, or not to their end. */
    gap: count,
    /** Bytes as stored that were left out as asked. */
    filtered: count,
  }),
  lines: count,
  /** `--sample`: the share of files that was drawn; 1 means all. */
  sampledShare: share,
  /** Whether every file that should have been examined was, to its end. */
  complete: z.boolean(),
  /** Why files were not examined, most files first. */
  reasons: z.array(z.object({ state: fileState, reason: z.string(), files: count, bytes: count })),
  /** Bounded; files with gaps are listed first to be kept, others in the order of the audit. */
  entries: z.array(fileEntry),
  entriesNotListed: count,
});

const group = z.object({
  name: z.string(),
  findings: count,
  distinct,
  /** Files (or members) with at least one. */
  files: count,
  bySeverity,
});

const dayGroup = z.object({ day, findings: count, bySeverity, byCategory: z.partialRecord(category, count) });

const aggregates = z.object({
  byRule: z.array(group),
  byEntity: z.array(group),
  byCategory: z.array(group),
  /** By article of the GDPR as rules name it, `art4(1)`; a finding counts for each article of its rule. */
  byGdpr: z.array(group),
  bySeverity: z.array(group),
  /** Most findings first; bounded, the rest under `(other)`. */
  byService: z.array(group),
  byHost: z.array(group),
  /** In the order of days. */
  byDay: z.array(dayGroup),
  /** Where the days come from: a timestamp in the line or a line above, the file's time, or nowhere. */
  dated: z.object({ line: count, file: count, none: count }),
});

/** One rule in one service; with the rule's entity, category and articles the rows of the inventory. */
const inventoryRow = z.object({
  rule: z.string(),
  entity: z.string(),
  category,
  gdpr: z.array(z.string()),
  severity,
  service: z.string(),
  findings: count,
  distinct,
  files: count,
  confidence: z.object({ min: share, mean: share, max: share }),
  /** Findings whose value a validator has accepted. */
  validated: count,
  firstDay: day.optional(),
  lastDay: day.optional(),
});

const location = z.object({
  /** As in findings: `stdin`, a path, or `archive.tar!/member`. */
  path: z.string(),
  line: z.number().int().min(1),
  column: z.number().int().min(1),
  offset: count,
  length: count,
  day: day.optional(),
});

/** A distinct value, known by its fingerprint. */
const value = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
  /** The rule that found it first. */
  rule: z.string(),
  entity: z.string(),
  category,
  severity,
  findings: count,
  firstDay: day.optional(),
  lastDay: day.optional(),
  locations: z.array(location),
  /** Findings of this value whose places are not listed. */
  locationsNotListed: count,
});

const anomalies = z.object({
  /** Lines that could not be looked at because of an error: a gap in the audit. */
  linesWithheld: count,
  /** Longer than the limit, looked at in overlapping windows. */
  longLines: count,
  /** Multi-line values whose end was never seen. */
  blocksWithoutEnd: count,
  /** Findings in JSON keys. */
  matchesInKeys: count,
  /** Findings of `jsonl` and `csv` beyond `--max-findings`. */
  findingsNotWritten: count,
});

/** Whether keys that were found still work, as the service said; `--check-live`. */
const liveChecks = z.object({
  service: z.literal('calcom'),
  /** Where was asked: a key that works elsewhere counts as revoked. */
  url: z.string(),
  counts: z.object({ live: count, revoked: count, unknown: count }),
  keys: z.array(
    z.object({
      fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
      state: z.enum(['live', 'revoked', 'unknown']),
      /** Why it is not known; a word. */
      reason: z.string().optional(),
      checkedAt: instant.optional(),
      /** Where it was met first. */
      location: location.optional(),
    }),
  ),
});

/** Against an earlier audit under the same key. */
const diff = z.object({
  old: z.object({ id: z.string(), started: instant, ended: instant, rulesDigest: sha256 }),
  /** Whether both audits list all their values; otherwise the numbers of values are about the listed ones only. */
  complete: z.boolean(),
  values: z.object({ added: count, gone: count, kept: count }),
  findings: z.object({ old: count, now: count }),
  byRule: z.array(z.object({ rule: z.string(), old: count, now: count })),
  /** Fingerprints, bounded as `values` is. */
  added: z.array(z.string()),
  gone: z.array(z.string()),
});

export const auditResultSchema = z.object({
  schema: z.literal('logveil.audit/1'),
  /** Identity of this run, random. */
  id: z.string(),
  tool: z.object({ name: z.literal('logveil'), version: z.string(), node: z.string(), platform: z.string() }),
  rules: z.object({
    /** As asked for with `--rules`. */
    names: z.array(z.string()),
    /** Of all rules together. */
    digest: sha256,
    packs: z.array(z.object({ name: z.string(), rules: count, digest: sha256 })),
    catalogue: z.array(catalogueRule),
  }),
  /** SHA-256 of the settings in force that decide what is found, keys sorted, without the key. */
  config: z.object({ digest: sha256 }),
  /** A random key's fingerprints can't be compared with those of another run. */
  key: z.object({ id: z.string(), source: z.enum(['LOGVEIL_KEY', 'key-file', 'option', 'random']) }),
  run: z.object({
    started: instant,
    ended: instant,
    /** Working time, of resumed runs together. */
    seconds: z.number().min(0),
    workers: count,
    /** Whether workers on a queue did the reading. */
    distributed: z.boolean(),
    /** How often it was interrupted and continued. */
    resumed: count,
    /** Nothing failed: coverage is complete, no line was withheld, no output was lost. */
    complete: z.boolean(),
  }),
  scope: z.object({
    paths: z.array(z.string()),
    include: z.array(z.string()),
    exclude: z.array(z.string()),
    minSize: count.optional(),
    maxSize: count.optional(),
    /** Files last changed before or after these are left out; with `timeBy: line`, findings in such lines. */
    since: instant.optional(),
    until: instant.optional(),
    timeBy: z.enum(['file', 'line']),
    /** `--newer-than`, `--older-than`, in days. */
    newerThanDays: z.number().min(0).optional(),
    olderThanDays: z.number().min(0).optional(),
    sample: share,
    binary: z.enum(['report', 'skip', 'search']),
    maxExpansion: z.number(),
    maxLocations: count,
    maxValues: count,
    serviceField: z.string().optional(),
    hostField: z.string().optional(),
  }),
  coverage,
  totals: z.object({
    findings: count,
    distinct,
    bySeverity,
    /** Left out of everything else here: marked with `logveil:allow` in their line. */
    suppressed: count,
    /** Left out: known from the baseline. */
    baseline: count,
    /** Left out: in lines outside of `since` and `until`. */
    outsideTime: count,
  }),
  aggregates,
  inventory: z.array(inventoryRow),
  /** Findings of rows that did not fit. */
  inventoryNotListed: count,
  accuracy: z.object({
    /** Ten bins of width 0.1; the last includes 1. */
    confidence: z.array(z.object({ from: share, to: share, findings: count })),
    mean: share,
    /** Findings of rules with a validator. */
    validated: count,
    validatedShare: share,
    /** Entities with their own distribution, most findings first. */
    byEntity: z.array(
      z.object({ entity: z.string(), findings: count, mean: share, validated: count, bins: z.array(count) }),
    ),
  }),
  /** Distinct values in the order in which they were first met; bounded. */
  values: z.array(value),
  /** Findings whose value is not in the list. */
  findingsOfValuesNotListed: count,
  baseline: z
    .object({ keyId: z.string(), fingerprints: count, sha256, findings: count })
    .optional()
    .describe('The accepted findings, with --baseline.'),
  diff: diff.optional(),
  liveChecks: liveChecks.optional(),
  anomalies,
  /** Messages of what went wrong; with any, the exit code is 2. Bounded. */
  failures: z.array(z.string()),
  failuresNotListed: count,
});

export type AuditResult = z.infer<typeof auditResultSchema>;
export type Coverage = z.infer<typeof coverage>;
export type FileEntry = z.infer<typeof fileEntry>;
export type FileState = z.infer<typeof fileState>;
export type Group = z.infer<typeof group>;
export type DayGroup = z.infer<typeof dayGroup>;
export type InventoryRow = z.infer<typeof inventoryRow>;
export type AuditValue = z.infer<typeof value>;
export type Location = z.infer<typeof location>;
export type DistinctValues = z.infer<typeof distinct>;
export type CatalogueRule = z.infer<typeof catalogueRule>;
export type AuditDiff = z.infer<typeof diff>;
export type LiveChecks = z.infer<typeof liveChecks>;
