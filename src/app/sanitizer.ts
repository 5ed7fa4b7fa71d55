/** Redaction of texts that are in memory already: log records, messages, request bodies. */
import type { Config } from '../config/schema.ts';
import { checkSettings } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import type { Finding } from '../findings/finding.ts';
import { FingerprintKey } from '../findings/fingerprint.ts';
import type { Summary } from '../findings/summary.ts';
import type { StreamRedactor } from '../scan/streamRedactor.ts';
import { Redaction } from './redaction.ts';
import { loadRuleSet } from './ruleSet.ts';

/** As in `logveil.yaml`; files for findings and summary are the command line's. */
export interface SanitizerOptions
  extends Omit<Config, 'findings' | 'summary' | 'stats' | 'logLevel' | 'maxLine' | 'overlap'> {
  /** Bytes, or a size such as `1MiB`. */
  readonly maxLine?: number | string;
  /** Bytes, or a size such as `64KiB`. */
  readonly overlap?: number | string;
  /** Key of the fingerprints, 64 hex digits; without it `keyFile`, `LOGVEIL_KEY`, or a random key. */
  readonly key?: string;
}

/**
 * Loads and compiles the rules; that takes some 100 ms, so make one and keep it.
 * @throws UsageError, ProblemsError or IoError when options or rules are not right
 */
export function createSanitizer(options: SanitizerOptions = {}): Sanitizer {
  return new Sanitizer(openRedaction(options));
}

/** Checks the options and puts a redaction together. */
export function openRedaction(options: SanitizerOptions): Redaction {
  const { key, ...rest } = options;
  const settings = toRedactionSettings(checkSettings(rest, 'options'), process.env);
  const keyed = key === undefined ? settings : { ...settings, key: FingerprintKey.fromHex(key, 'option') };
  return new Redaction(keyed, loadRuleSet(keyed.rules));
}

/** Redacts texts, each for itself. Synchronous; not to be called from within its own callbacks. */
export class Sanitizer {
  readonly #redaction: Redaction;
  readonly #stream: StreamRedactor;
  #findings: Finding[] = [];

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#stream = redaction.openStream(
      () => 'memory',
      (finding) => this.#findings.push(finding),
    );
  }

  /**
   * Redacts a text, which may have many lines. A string is read as UTF-8; of a Buffer every byte outside of the
   * redacted spans stays as it is.
   */
  redact(input: string): string;
  redact(input: Buffer): Buffer;
  redact(input: string | Buffer): string | Buffer {
    const output = this.#run(input);
    return typeof input === 'string' ? output.toString() : output;
  }

  /** What is in a text: findings with offsets in bytes of its UTF-8 form, never the values. */
  scan(input: string | Buffer): Finding[] {
    this.#run(input);
    return this.#findings;
  }

  /** Totals of everything this sanitizer has been given. */
  summary(): Summary {
    return this.#redaction.summary([]);
  }

  #run(input: string | Buffer): Buffer {
    this.#findings = [];
    // What the stream returns is valid until its next call only.
    const head = Buffer.from(this.#stream.push(Buffer.from(input as string)));
    const tail = this.#stream.end();
    return tail.length === 0 ? head : Buffer.concat([head, tail]);
  }
}
