/** Redaction of texts that are in memory already: log records, messages, request bodies. */
import { checkSettings } from '../config/check.ts';
import type { EngineName } from '../config/schema.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { UsageError } from '../errors.ts';
import type { Action, Category, Finding } from '../findings/finding.ts';
import { FingerprintKey } from '../findings/fingerprint.ts';
import type { Summary } from '../findings/summary.ts';
import { knownValuesOf } from '../known/sources.ts';
import type { StreamRedactor } from '../scan/streamRedactor.ts';
import { Redaction } from './redaction.ts';
import { loadRuleSet } from './ruleFiles.ts';

/** As in `logveil.yaml`; files for findings and summary are the command line's. */
export interface SanitizerOptions {
  /** Packs, files or folders; `['default']` by default. */
  readonly rules?: string[];
  readonly engine?: EngineName;
  /** What happens to every match, above `actions`; `redact` by default. */
  readonly action?: Action;
  readonly actions?: {
    readonly rules?: Record<string, Action>;
    readonly categories?: Partial<Record<Category, Action>>;
  };
  /** Values that are no finding: of the rules named, or of all. */
  readonly allow?: readonly {
    readonly rules?: readonly string[];
    readonly patterns?: readonly string[];
    readonly values?: readonly string[];
    readonly stopwords?: readonly string[];
  }[];
  readonly mask?: { readonly keepFirst?: number; readonly keepLast?: number; readonly keepFormat?: boolean };
  /** Leave private, loopback, link-local and unspecified addresses; true by default. */
  readonly keepPrivateIps?: boolean;
  /** Whether JSON keys stay where a rule matches in one; `keep` by default. */
  readonly jsonKeys?: 'keep' | 'redact';
  /** Bytes, or a size such as `1MiB`. */
  readonly maxLine?: number | string;
  /** Bytes, or a size such as `64KiB`. */
  readonly overlap?: number | string;
  /** What becomes of a line that can't be looked at; `withhold` by default. */
  readonly onError?: 'withhold' | 'pass';
  /** File with the key of the fingerprints, 64 hex digits. */
  readonly keyFile?: string;
  /** The key itself; without it `keyFile`, `LOGVEIL_KEY`, or a random key. */
  readonly key?: string;
  /** Values that must never appear, each of at least 6 bytes, found in their encoded forms, too. */
  readonly knownSecrets?: string[];
  /** Where more of them are: files, or `env:PREFIX`; `knownSecrets` of `logveil.yaml`. */
  readonly knownSecretSources?: string[];
  /** From 0 to 1: what is less certain is neither reported nor redacted. */
  readonly minConfidence?: number;
}

/** Redacts texts, each for itself. Synchronous. */
export interface Sanitizer {
  /**
   * Redacts a text, which may have many lines. A string is read as UTF-8; of a Buffer every byte outside of the
   * redacted spans stays as it is.
   * @throws UsageError for anything else
   */
  redact(input: string): string;
  redact(input: Uint8Array): Buffer;
  /**
   * What is in a text: findings with offsets in bytes of its UTF-8 form, never the values.
   * @throws UsageError when it is neither a string nor bytes
   */
  scan(input: string | Uint8Array): Finding[];
  /** Totals of everything this sanitizer has been given. */
  summary(): Summary;
}

/**
 * Loads and compiles the rules; that takes some 100 ms, so make one and keep it.
 * @throws UsageError, ProblemsError or IoError when options or rules are not right
 */
export function createSanitizer(options: SanitizerOptions = {}): Sanitizer {
  return new TextSanitizer(openRedaction(options));
}

/** Checks the options and puts a redaction together. */
export function openRedaction(options: SanitizerOptions): Redaction {
  refuseWrongTypes(options);
  const { key, knownSecrets = [], knownSecretSources, ...rest } = options;
  const named = { ...rest, ...(knownSecretSources && { knownSecrets: knownSecretSources }) };
  const settings = toRedactionSettings(checkSettings(named, 'options'), process.env);
  const keyed = key === undefined ? settings : { ...settings, key: FingerprintKey.fromHex(key, 'option') };
  return new Redaction(keyed, loadRuleSet(keyed.rules), undefined, {
    knownValues: knownValuesOf(knownSecrets),
  });
}

/** The schema sees to the other options. What JavaScript passes here may be a secret: messages tell places, no values. */
function refuseWrongTypes(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new UsageError('options: expected an object');
  const { key, knownSecrets } = options as { key?: unknown; knownSecrets?: unknown };
  if (key !== undefined && typeof key !== 'string')
    throw new UsageError('options: `key`: expected a string of 64 hex digits');
  if (knownSecrets === undefined) return;
  if (!Array.isArray(knownSecrets))
    throw new UsageError('options: `knownSecrets`: expected an array of strings');
  const wrong = Array.from(knownSecrets).findIndex((value: unknown) => typeof value !== 'string');
  if (wrong !== -1) throw new UsageError(`options: \`knownSecrets.${wrong}\`: expected a string`);
}

/** The bytes of an input; no copy of bytes. @throws UsageError */
export function bytesOf(input: unknown): Buffer {
  if (typeof input === 'string') return Buffer.from(input);
  if (Buffer.isBuffer(input)) return input;
  if (input instanceof Uint8Array) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  throw new UsageError('expected a string, a Buffer or another Uint8Array to redact');
}

class TextSanitizer implements Sanitizer {
  readonly #redaction: Redaction;
  #stream: StreamRedactor;
  #findings: Finding[] = [];

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#stream = this.#openStream();
  }

  redact(input: string): string;
  redact(input: Uint8Array): Buffer;
  redact(input: string | Uint8Array): string | Buffer {
    const output = this.#run(input);
    return typeof input === 'string' ? output.toString() : output;
  }

  scan(input: string | Uint8Array): Finding[] {
    this.#run(input);
    return this.#findings;
  }

  summary(): Summary {
    return this.#redaction.summary([]);
  }

  #run(input: string | Uint8Array): Buffer {
    const bytes = bytesOf(input);
    this.#findings = [];
    try {
      // What the stream returns is valid until its next call only.
      const head = Buffer.from(this.#stream.push(bytes));
      const tail = this.#stream.end();
      return tail.length === 0 ? head : Buffer.concat([head, tail]);
    } catch (error) {
      // What an interrupted stream still holds must not turn up in the next text.
      this.#stream = this.#openStream();
      throw error;
    }
  }

  #openStream(): StreamRedactor {
    return this.#redaction.openStream(
      () => 'memory',
      (finding) => this.#findings.push(finding),
    );
  }
}
