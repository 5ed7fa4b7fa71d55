/** From what was said to what is meant: every setting has a value, and settings that depend on each other agree. */
import { readBounded } from '../boundedFile.ts';
import { UsageError } from '../errors.ts';
import type { Action, Category } from '../findings/finding.ts';
import { FingerprintKey } from '../findings/fingerprint.ts';
import type { Config, EngineName } from './schema.ts';
import { DEFAULT_MASK, DEFAULT_MIN_CONFIDENCE, ENGINES, MAX_LINE_BYTES, MIN_LINE_BYTES } from './values.ts';

const DEFAULT_MAX_LINE_BYTES = 1024 * 1024;
/** 64 hex digits, and whatever stands around them. */
const MOST_KEY_BYTES = 4096;
const DEFAULT_OVERLAP_BYTES = 64 * 1024;
/** Windows must advance by more than they repeat. */
const OVERLAP_SHARE = 4;

/** Values that are no finding: of the rules named, or of all. */
type AllowedValues = NonNullable<Config['allow']>[number];

/** All that redaction needs to know. */
export interface RedactionSettings {
  readonly rules: readonly string[];
  readonly engine: EngineName;
  readonly action: Action | undefined;
  readonly ruleActions: ReadonlyMap<string, Action>;
  readonly categoryActions: ReadonlyMap<Category, Action>;
  readonly allow: readonly AllowedValues[];
  readonly mask: { readonly keepFirst: number; readonly keepLast: number; readonly keepFormat: boolean };
  readonly keepPrivateIps: boolean;
  readonly keepKeys: boolean;
  readonly maxLineBytes: number;
  readonly overlapBytes: number;
  readonly onError: 'withhold' | 'pass';
  readonly key: FingerprintKey;
  /** Files, and `env:PREFIX`. */
  readonly knownSecrets: readonly string[];
  /** From 0 to 1. */
  readonly minConfidence: number;
}

/**
 * @param env read for `LOGVEIL_KEY` only; a key file that is left in `config` beats it
 * @throws UsageError, IoError
 */
export function toRedactionSettings(config: Config, env: NodeJS.ProcessEnv): RedactionSettings {
  const maxLineBytes = config.maxLine ?? DEFAULT_MAX_LINE_BYTES;
  if (maxLineBytes < MIN_LINE_BYTES || maxLineBytes > MAX_LINE_BYTES) {
    throw new UsageError(
      `maxLine: expected ${MIN_LINE_BYTES} to ${MAX_LINE_BYTES} bytes, got ${maxLineBytes}`,
    );
  }
  const mostOverlap = Math.floor(maxLineBytes / OVERLAP_SHARE);
  const overlapBytes = config.overlap ?? Math.min(DEFAULT_OVERLAP_BYTES, mostOverlap);
  if (overlapBytes < 1 || overlapBytes > mostOverlap) {
    throw new UsageError(
      `overlap: expected 1 to ${mostOverlap} bytes (a quarter of the longest line), got ${overlapBytes}`,
    );
  }
  return {
    rules: config.rules ?? ['default'],
    engine: config.engine ?? ENGINES[0],
    action: config.action,
    ruleActions: new Map(Object.entries(config.actions?.rules ?? {})),
    categoryActions: new Map(Object.entries(config.actions?.categories ?? {}) as [Category, Action][]),
    allow: config.allow ?? [],
    mask: config.mask ?? DEFAULT_MASK,
    keepPrivateIps: config.keepPrivateIps ?? true,
    keepKeys: (config.jsonKeys ?? 'keep') === 'keep',
    maxLineBytes,
    overlapBytes,
    onError: config.onError ?? 'withhold',
    key: chooseKey(config, env),
    knownSecrets: config.knownSecrets ?? [],
    minConfidence: config.minConfidence ?? DEFAULT_MIN_CONFIDENCE,
  };
}

function chooseKey(config: Config, env: NodeJS.ProcessEnv): FingerprintKey {
  if (config.keyFile !== undefined) return readKeyFile(config.keyFile);
  const hex = env.LOGVEIL_KEY;
  return hex === undefined || hex === ''
    ? FingerprintKey.random()
    : FingerprintKey.fromHex(hex, 'LOGVEIL_KEY');
}

/** @throws IoError when the file can't be read, UsageError when it holds no key */
function readKeyFile(path: string): FingerprintKey {
  const text = readBounded(path, MOST_KEY_BYTES, path, 'the key file').toString();
  return FingerprintKey.fromHex(text, 'key-file', `${path}: the key file`);
}
