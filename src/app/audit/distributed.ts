/** What the coordinator of an audit and its workers tell each other through Redis. No value, and no line of a log. */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { z } from 'zod';
import type { Part, PartResult, ScanOptions } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { IoError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import { MOST_MESSAGE_BYTES } from './wireSchemas.ts';

/** A job of the queue. */
export interface PartJob {
  readonly audit: string;
  /** Number of the part, from the coordinator's count. */
  readonly number: number;
  readonly part: Part;
}

/** What all parts of an audit are searched with. The worker has rules and key itself; these must be the same ones. */
export interface AuditContext {
  readonly version: string;
  readonly rulesDigest: string;
  readonly keyId: string;
  readonly settings: Pick<
    RedactionSettings,
    'rules' | 'engine' | 'minConfidence' | 'keepPrivateIps' | 'maxLineBytes' | 'overlapBytes'
  >;
  readonly scan: ScanOptions;
  readonly baseline: readonly string[];
}

/** What became of a part. */
export interface PartAnswer {
  readonly result: PartResult;
  /** List of what it tells, in pieces; absent when it tells nothing. */
  readonly records?: string;
}

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
/** The least effort: records repeat themselves. */
const LEVEL = { level: 1 } as const;

export function contextOf(
  settings: RedactionSettings,
  rulesDigest: string,
  scan: ScanOptions,
  baseline: readonly string[],
): AuditContext {
  const { rules, engine, minConfidence, keepPrivateIps, maxLineBytes, overlapBytes, key } = settings;
  return {
    version: VERSION,
    rulesDigest,
    keyId: key.id,
    settings: { rules, engine, minConfidence, keepPrivateIps, maxLineBytes, overlapBytes },
    // A line that is shown may hold what no rule finds.
    scan: { ...scan, showsLines: false },
    baseline,
  };
}

export async function packed(bytes: Uint8Array): Promise<Buffer> {
  return deflate(bytes, LEVEL);
}

/**
 * @param mostBytes that it may unpack to
 * @throws IoError when it is more, or damaged
 */
export async function unpacked(bytes: Buffer, mostBytes: number): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    throw new IoError('Redis: a message is damaged, or larger than it may be', { cause: error });
  }
}

/**
 * A message of the queue, held to its form.
 * @throws IoError
 */
export async function message<T>(bytes: Buffer, schema: z.ZodType<T>): Promise<T> {
  const text = (await unpacked(bytes, MOST_MESSAGE_BYTES)).toString();
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // The parsers' messages would quote it.
    throw new IoError('Redis: a message is not as logveil writes it; do all have the same version?');
  }
}
