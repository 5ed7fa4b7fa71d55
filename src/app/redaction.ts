/**
 * Puts the parts together: settings and rules in, streams out. The command line, the library and the benchmark all
 * start here, so that they do the same.
 */
import type { RedactionSettings } from '../config/settings.ts';
import { FINDING_SCHEMA, type Finding } from '../findings/finding.ts';
import { SUMMARY_SCHEMA, type Summary, Tally } from '../findings/summary.ts';
import { compileRules } from '../rules/compile.ts';
import type { RuleSet } from '../rules/load.ts';
import { Detector } from '../scan/detector.ts';
import type { FindingEvent } from '../scan/lineWriter.ts';
import { Policy, type Selection } from '../scan/policy.ts';
import { StreamRedactor } from '../scan/streamRedactor.ts';
import { VERSION } from '../version.ts';
import { createEngine } from './engines.ts';
import { refuseUnknownRules } from './ruleSet.ts';

/** Takes findings as they are made, in the order of the stream. */
export type FindingConsumer = (finding: Finding) => void;

export class Redaction {
  readonly settings: RedactionSettings;
  readonly tally: Tally;
  readonly #detector: Detector;
  readonly #policy: Policy;
  readonly #started = new Date();
  readonly #startedAt = performance.now();

  /** @param select values that the actions are for; all others are kept, and told. All by default. */
  constructor(settings: RedactionSettings, ruleSet: RuleSet, select?: Selection) {
    this.settings = settings;
    refuseUnknownRules(settings.ruleActions.keys(), ruleSet);
    const rules = compileRules(ruleSet, { keepPrivateIps: settings.keepPrivateIps });
    this.#detector = new Detector(rules, createEngine(settings.engine, rules));
    this.#policy = new Policy(rules.rules, { ...settings, select });
    this.tally = new Tally(rules.rules);
  }

  get ruleCount(): number {
    return this.#detector.rules.rules.length;
  }

  /**
   * A stream of one source, or of several in a row with `end()` between them.
   * @param source how findings name it; asked for each finding
   * @param consumer gets each finding; without one only the totals are kept
   * @param isCounted whether anybody reads how many distinct values there were: hashing each costs a fifth of the time
   */
  openStream(source: () => string, consumer?: FindingConsumer, isCounted = true): StreamRedactor {
    const { key, maxLineBytes, overlapBytes, keepKeys, onError } = this.settings;
    let found: Finding[] = [];
    const onFinding = (event: FindingEvent): void => {
      if (!isCounted && consumer === undefined) {
        this.tally.addFinding(event.rule, event.action);
        return;
      }
      const fingerprint = key.fingerprint(event.rule.entity, event.value);
      this.tally.addFinding(event.rule, event.action, fingerprint);
      if (consumer !== undefined) found.push(toFinding(event, source(), fingerprint, key.id));
    };
    // Not before the chunk is done: an exception of the consumer must not be taken for one of the engine.
    const onChunkDone = (): void => {
      const findings = found;
      found = [];
      for (const finding of findings) consumer?.(finding);
    };
    return new StreamRedactor({
      detector: this.#detector,
      policy: this.#policy,
      key,
      tally: this.tally,
      onFinding,
      onChunkDone,
      maxLineBytes,
      overlapBytes,
      keepKeys,
      onError,
    });
  }

  /** @param failures messages of what went wrong, without scanned bytes */
  summary(failures: readonly string[]): Summary {
    const { key } = this.settings;
    const { bytesIn, bytesOut, lines, linesChanged, anomalies } = this.tally;
    return {
      schema: SUMMARY_SCHEMA,
      version: VERSION,
      rulesDigest: this.#detector.rules.digest,
      rules: this.ruleCount,
      key: { id: key.id, source: key.source },
      started: this.#started.toISOString(),
      seconds: Number(((performance.now() - this.#startedAt) / 1000).toFixed(3)),
      bytesIn,
      bytesOut,
      lines,
      linesChanged,
      ...this.tally.counts(),
      anomalies,
      failures,
    };
  }
}

function toFinding(event: FindingEvent, source: string, fingerprint: string, keyId: string): Finding {
  const { rule, place, start } = event;
  return {
    schema: FINDING_SCHEMA,
    rule: rule.id,
    entity: rule.entity,
    category: rule.category,
    gdpr: rule.gdpr,
    severity: rule.severity,
    confidence: Number(event.confidence.toFixed(2)),
    source,
    line: place.line,
    column: start + 1,
    offset: place.offset + start,
    length: event.length,
    action: event.action,
    fingerprint,
    keyId,
  };
}
