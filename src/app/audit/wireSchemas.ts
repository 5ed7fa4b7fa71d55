/**
 * What comes over a queue, held to its form: whoever can write to Redis decides what stands there. Times and sizes are
 * those of `scan.ts`.
 */
import { z } from 'zod';
import { FILE_STATES } from '../../audit/result.ts';
import { ENGINES } from '../../config/values.ts';

/** Most that a context or an answer may unpack to; a baseline of a million fingerprints is some 40 MB. */
export const MOST_MESSAGE_BYTES = 256 * 1024 * 1024;
/** Of a piece of records: a worker sends about a megabyte, a single record may be longer. */
export const MOST_PIECE_BYTES = 64 * 1024 * 1024;

const MOST_PATH = 64 * 1024;
const MOST_NAMES = 10_000;

const count = z.number().int().min(0);
const path = z.string().min(1).max(MOST_PATH);
const text = z.string().max(MOST_PATH);

export const partJobSchema = z.object({
  audit: z.string().min(1).max(128),
  number: count,
  part: z.object({
    path,
    source: path,
    service: text,
    size: count,
    modifiedMs: z.number(),
    range: z.object({ start: count, end: count, isExact: z.boolean() }).exactOptional(),
  }),
});

export const auditContextSchema = z.object({
  version: text,
  rulesDigest: text,
  keyId: text,
  settings: z.object({
    rules: z.array(text).max(MOST_NAMES),
    engine: z.enum(ENGINES),
    minConfidence: z.number().min(0).max(1),
    keepPrivateIps: z.boolean(),
    maxLineBytes: count,
    overlapBytes: count,
  }),
  scan: z.object({
    listing: z.enum(['jsonl', 'csv', 'none']),
    showsLines: z.literal(false),
    binary: z.enum(['report', 'skip', 'search']),
    maxExpansion: z.number().min(1),
    hashesFiles: z.boolean(),
    sinceMs: z.number().exactOptional(),
    untilMs: z.number().exactOptional(),
    serviceField: text.exactOptional(),
    hostField: text.exactOptional(),
    maxLocations: count,
  }),
  baseline: z.array(z.string().regex(/^[0-9a-f]{32}$/)),
});

export const partAnswerSchema = z.object({
  result: z.object({
    state: z.enum(FILE_STATES),
    reason: text.exactOptional(),
    format: text.exactOptional(),
    start: count,
    end: count,
    lines: count,
    bytesRead: count,
    bytesSearched: count,
    findings: count,
    anomalies: z.object({
      linesWithheld: count,
      longLines: count,
      blocksWithoutEnd: count,
      matchesInKeys: count,
    }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .exactOptional(),
    engineFailure: z.string().max(200).exactOptional(),
  }),
  /** A key of ours. */
  records: z.string().max(512).exactOptional(),
});
