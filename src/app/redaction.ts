/**
 * Puts the parts together: settings and rules in, streams out. The command line, the library and the benchmark all
 * start here, so that they do the same.
 */
import { createHash } from 'node:crypto';
import type { RedactionSettings } from '../config/settings.ts';
import { FINDING_SCHEMA, type Finding } from '../findings/finding.ts';
import { type RulesInEffect, SUMMARY_SCHEMA, type Summary, Tally } from '../findings/summary.ts';
import { KnownSecrets } from '../known/knownSecrets.ts';
import { KNOWN_SECRET_RULE } from '../known/rule.ts';
import { readKnownValues } from '../known/sources.ts';
import { withAllowed } from '../rules/allow.ts';
import { type CompiledRule, type CompiledRules, compileRules } from '../rules/compile.ts';
import type { RuleSet } from '../rules/load.ts';
import { Detector } from '../scan/detector.ts';
import type { FindingEvent, LinePlace } from '../scan/lineWriter.ts';
import { Policy, type Selection } from '../scan/policy.ts';
import { StreamRedactor } from '../scan/streamRedactor.ts';
import { VERSION } from '../version.ts';
import { createEngine } from './engines.ts';
import { refuseUnknownRules } from './ruleSet.ts';

/** Most sets of rules a summary lists. */
const MOST_RULE_SETS = 100;

/** Takes findings as they are made, in the order of the stream. */
export type FindingConsumer = (finding: Finding) => void;

/** What only some streams need. */
export interface StreamExtras {
  /**
   * For audits only: which findings are marked as suppressed. Must not be given where bytes are redacted, since whoever
   * writes a log line could then switch its redaction off.
   */
  readonly suppression?: { covers(offset: number, rule: string): boolean };
  /** Of the first line that is taken; see StreamOptions. */
  readonly place?: LinePlace;
  /** For audits only, that ask whether a key still works: told of each value, valid during the call only. */
  readonly onValue?: ((entity: string, fingerprint: string, value: Buffer) => void) | undefined;
}

/** What only some redactions have. */
export interface RedactionExtras {
  /** Values that must never appear, beside those that the settings name; overwritten. */
  readonly knownValues?: readonly Buffer[];
  /** Values that the actions are for; all others are kept, and told. All by default. */
  readonly select?: Selection;
  /** What another thread has laid out for these rules. */
  readonly image?: Uint8Array | undefined;
}

export class Redaction {
  readonly settings: RedactionSettings;
  readonly tally: Tally;
  /** What is not as it should be, though the run goes on. */
  readonly warnings: readonly string[];
  /**
   * Tells whether another thread of this process looks for the same: a hash of the rules and of the known secrets, which
   * must not leave the process.
   */
  readonly identity: string;
  readonly #detector: Detector;
  readonly #policy: Policy;
  readonly #started: Date;
  readonly #startedAt: number;
  /** The sets of rules before this one. */
  readonly #earlier: readonly RulesInEffect[];
  /** When this set of rules came into effect. */
  readonly #since: Date;

  /**
   * @param before the redaction that this one takes over from: counts, key and times go on
   * @throws UsageError, and IoError or ProblemsError when known secrets can't be read; then nothing of `before` has changed
   */
  constructor(
    settings: RedactionSettings,
    ruleSet: RuleSet,
    before?: Redaction,
    { knownValues = [], select, image }: RedactionExtras = {},
  ) {
    this.settings = before === undefined ? settings : { ...settings, key: before.settings.key };
    refuseUnknownRules(settings.ruleActions.keys(), ruleSet);
    refuseUnknownRules(
      settings.allow.flatMap(({ rules = [] }) => rules),
      ruleSet,
      'allow',
    );
    const { values, warnings } = readKnownValues(settings.knownSecrets, process.env);
    this.warnings = warnings;
    const secrets = [...values, ...knownValues];
    this.identity = identityOf(ruleSet.digest, secrets);
    const rules = compileRules(withAllowed(ruleSet, settings.allow), {
      keepPrivateIps: settings.keepPrivateIps,
      addedRule: secrets.length > 0 ? KNOWN_SECRET_RULE : undefined,
    });
    const known =
      secrets.length > 0 ? { secrets: new KnownSecrets(secrets), rule: lastOf(rules) } : undefined;
    const { minConfidence } = settings;
    this.#detector = new Detector(rules, createEngine(settings.engine, rules, image), {
      known,
      minConfidence,
    });
    this.#policy = new Policy(rules.rules, { ...this.settings, select });
    // A reload that changes settings only leaves the set in effect.
    const isSameSet = before !== undefined && before.digest === rules.digest;
    this.#since = isSameSet ? before.#since : new Date();
    this.#earlier = (isSameSet ? before.#earlier : before?.ruleSets) ?? [];
    this.#started = before === undefined ? this.#since : before.#started;
    this.#startedAt = before === undefined ? performance.now() : before.#startedAt;
    this.tally = before?.tally ?? new Tally(rules.rules);
    if (before !== undefined) this.tally.addRules(rules.rules);
  }

  /** SHA-256 of the rules in effect, hex. */
  get digest(): string {
    return this.#detector.rules.digest;
  }

  /** The sets of rules that were in effect, this one last. */
  get ruleSets(): readonly RulesInEffect[] {
    const { digest } = this;
    const sets = [...this.#earlier, { digest, rules: this.ruleCount, since: this.#since.toISOString() }];
    // A process that reloads for years must not keep a list that grows with it: the first and the newest stay.
    return sets.length > MOST_RULE_SETS ? [sets[0], ...sets.slice(2)] : sets;
  }

  get ruleCount(): number {
    return this.#detector.rules.rules.length;
  }

  /** What finds, and what is done with it, for whoever looks at single lines. */
  get parts(): { readonly detector: Detector; readonly policy: Policy } {
    return { detector: this.#detector, policy: this.#policy };
  }

  /**
   * A stream of one source, or of several in a row with `end()` between them.
   * @param source how findings name it; asked for each finding
   * @param consumer gets each finding; without one only the totals are kept
   * @param isCounted whether anybody reads how many distinct values there were: hashing each costs a fifth of the time
   */
  openStream(
    source: () => string,
    consumer?: FindingConsumer,
    isCounted = true,
    options: StreamExtras = {},
  ): StreamRedactor {
    const { suppression, place, onValue } = options;
    const { key, maxLineBytes, overlapBytes, keepKeys, onError } = this.settings;
    let found: Finding[] = [];
    const onFinding = (event: FindingEvent): void => {
      if (!isCounted && consumer === undefined && suppression === undefined) {
        this.tally.addFinding(event.rule, event.action);
        return;
      }
      const fingerprint = key.fingerprint(event.rule.entity, event.value);
      if (suppression?.covers(event.place.offset + event.start, event.rule.id)) {
        this.tally.addSuppressed();
        found.push({ ...toFinding(event, source(), fingerprint, key.id), suppressed: 'comment' });
        return;
      }
      this.tally.addFinding(event.rule, event.action, fingerprint);
      onValue?.(event.rule.entity, fingerprint, event.value);
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
      ...(place !== undefined && { place }),
    });
  }

  /** @param failures messages of what went wrong, without scanned bytes */
  summary(failures: readonly string[]): Summary {
    const { key } = this.settings;
    const { bytesIn, bytesOut, lines, linesChanged, anomalies } = this.tally;
    return {
      schema: SUMMARY_SCHEMA,
      version: VERSION,
      rulesDigest: this.digest,
      rules: this.ruleCount,
      ruleSets: this.ruleSets,
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

function lastOf({ rules }: CompiledRules): CompiledRule {
  return rules.at(-1) as CompiledRule;
}

function identityOf(digest: string, secrets: readonly Buffer[]): string {
  // Few runs have any, and the digest of packed rules is at hand.
  if (secrets.length === 0) return digest;
  const hash = createHash('sha256').update(digest);
  for (const secret of secrets) hash.update(`\n${secret.length}\n`).update(secret);
  return hash.digest('hex');
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
