/**
 * Whether the engine still does what it did when its rules were loaded: a fixed text, with a value for each of some
 * common rules, must come out the same, and no line of it withheld. Asked for by `/api/health`, at most once in a while;
 * its values count in no total.
 */
import type { LiveRedaction } from '../app/liveRedaction.ts';
import type { Redaction } from '../app/redaction.ts';
import { Tally } from '../findings/summary.ts';
import { StreamRedactor } from '../scan/streamRedactor.ts';

/** An answer holds for so long. */
const FRESH_MS = 2000;

/** Put together here, so that no scanner takes this file for a leak. Reserved names and test numbers only. */
const TEXT = Buffer.from(
  [
    `login user=${['self.test', 'example.com'].join('@')} from 203.0.113.9`,
    `{"card":"${['4111', '1111', '1111', '1111'].join(' ')}","iban":"${'GB33BUKB20201555555555'}"}`,
    `aws_access_key_id=${'AKIA'}${'IOSFODNN7EXAMPLE'} password=${['cor', 'rect-h0rse'].join('')}`,
    'nothing to be found in this line',
    '',
  ].join('\n'),
);

export class SelfTest {
  readonly #live: LiveRedaction;
  #redaction: Redaction | undefined;
  #expected: Buffer | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #isGood = false;

  constructor(live: LiveRedaction) {
    this.#live = live;
  }

  /** Whether redaction works. Never throws. */
  isGood(): boolean {
    const { current } = this.#live;
    const now = performance.now();
    if (this.#redaction === current && now - this.#checkedAt < FRESH_MS) return this.#isGood;
    const redacted = redactedText(current);
    if (this.#redaction !== current) {
      this.#redaction = current;
      this.#expected = redacted;
    }
    this.#checkedAt = now;
    this.#isGood = redacted !== undefined && this.#expected !== undefined && redacted.equals(this.#expected);
    return this.#isGood;
  }
}

/** Undefined when a line could not be looked at, or the engine failed. */
function redactedText({ settings, parts }: Redaction): Buffer | undefined {
  const { detector, policy } = parts;
  try {
    const stream = new StreamRedactor({
      ...parts,
      key: settings.key,
      tally: new Tally(detector.rules.rules),
      policy,
      onFinding: () => {},
      maxLineBytes: settings.maxLineBytes,
      overlapBytes: settings.overlapBytes,
      keepKeys: settings.keepKeys,
      onError: 'withhold',
    });
    const redacted = Buffer.concat([Buffer.from(stream.push(TEXT)), stream.end()]);
    return stream.failure === undefined ? redacted : undefined;
  } catch {
    // Its message may hold scanned bytes; that it failed is all there is to tell.
    return undefined;
  }
}
