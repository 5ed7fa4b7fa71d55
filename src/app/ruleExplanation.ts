/**
 * Why each rule fires or does not, for single lines: the line goes the way of every line, and what is judged on it is
 * explained. What the whole pipeline finds, multi-line values included, is told beside it.
 */
import type { Finding } from '../findings/finding.ts';
import { PATTERN_ROLES } from '../rules/compile.ts';
import type { MatchingRule, RuleSet } from '../rules/ruleSet.ts';
import type { Judged } from '../scan/detector.ts';
import { explainKeyed, explainMatch, type Step } from '../scan/explanation.ts';
import { maskValue } from '../scan/mask.ts';
import { resolve } from '../scan/resolve.ts';
import { type AnchorText, anchorOf } from './anchorText.ts';
import type { Redaction } from './redaction.ts';

/** What came of a candidate: a finding, nothing beside a stronger finding, or nothing. */
type Outcome = 'finding' | 'covered' | 'rejected';

/** One candidate of one rule. */
export interface Candidate {
  readonly rule: string;
  /** `pattern 1`, or `keys` for the value under a key. */
  readonly by: string;
  /** Counts from 1, in bytes of the line. */
  readonly column: number;
  /** In bytes of the line. */
  readonly length: number;
  /** How many strings within strings it was found in. */
  readonly level: number;
  /** The value with every letter and digit masked; of a secret every byte. */
  readonly masked: string;
  /** The value itself, to be shown only where that was asked for. */
  readonly value: string;
  readonly steps: readonly Step[];
  /** 0 when it was rejected. */
  readonly confidence: number;
  readonly outcome: Outcome;
  /** The rule of the finding that covers it. */
  readonly coveredBy?: string;
}

/** A rule whose anchor is in the line and whose pattern is not. */
export interface NearRule {
  readonly rule: string;
  readonly anchor: string;
}

/** A rule that was asked for by name and has no candidate. */
export interface SilentRule {
  readonly rule: string;
  readonly reasons: readonly string[];
}

/** Everything about one line. */
export interface LineExplanation {
  /** Counts from 1. */
  readonly line: number;
  readonly bytes: number;
  /** What the pipeline reports in this line or reaching into it. */
  readonly findings: readonly Finding[];
  /** Findings first, then by place. */
  readonly candidates: readonly Candidate[];
  /** Further candidates of a rule that were rejected, not listed. */
  readonly leftOut: number;
  readonly near: readonly NearRule[];
  readonly silent: readonly SilentRule[];
}

/** Rejected candidates of one rule that are told of in one line. */
const MOST_REJECTED = 4;
const SHOWN_BYTES = 80;

export class RuleExplainer {
  readonly #redaction: Redaction;
  readonly #sources: readonly MatchingRule[];
  /** By rule. */
  readonly #anchors = new Map<string, readonly (AnchorText | undefined)[]>();

  /** @param set the rules of the redaction, as it uses them */
  constructor(redaction: Redaction, set: RuleSet) {
    this.#redaction = redaction;
    this.#sources = set.rules.map(({ rule }) => rule);
  }

  /**
   * @param line without its line end
   * @param number which line it is, from 1
   * @param findings of the whole input; those that touch the line are told of
   * @param offset of the line's first byte in the input
   * @param wanted ids to tell of whether they have a candidate or not, and no others; all that have one when empty
   */
  explain(
    line: Buffer,
    number: number,
    findings: readonly Finding[],
    offset: number,
    wanted: ReadonlySet<string>,
  ): LineExplanation {
    const isWanted = (rule: string): boolean => wanted.size === 0 || wanted.has(rule);
    const { candidates, leftOut } = this.#candidates(line, isWanted);
    const seen = new Set(candidates.map(({ rule }) => rule));
    const others = this.#sources.filter(({ id }) => !seen.has(id));
    return {
      line: number,
      bytes: line.length,
      findings: findings.filter(
        (finding) => finding.offset < offset + line.length && finding.offset + finding.length > offset,
      ),
      candidates,
      leftOut,
      near: wanted.size > 0 ? [] : others.flatMap((rule) => this.#near(rule, line)),
      silent: others.filter(({ id }) => wanted.has(id)).map((rule) => this.#silent(rule, line)),
    };
  }

  #candidates(
    line: Buffer,
    isWanted: (rule: string) => boolean,
  ): Pick<LineExplanation, 'candidates' | 'leftOut'> {
    const { detector, policy } = this.#redaction.parts;
    const judged: Omit<Candidate, 'outcome'>[] = [];
    const detection = detector.detect(line, {
      onJudged: (one) => {
        if (isWanted(one.rule.id)) judged.push(this.#candidate(one));
      },
    });
    const { regions, reports } = resolve(detection.matches, policy.actionOfMatch);
    const candidates: Candidate[] = [];
    const known = new Map<string, number>();
    const rejected = new Map<string, number>();
    let leftOut = 0;
    for (const candidate of judged) {
      // Patterns of one rule often find the same value.
      const { by, ...rest } = candidate;
      const same = known.get(JSON.stringify(rest));
      if (same !== undefined) {
        const earlier = candidates[same] as Candidate;
        candidates[same] = { ...earlier, by: `${earlier.by}, ${by.replace('pattern ', '')}` };
        continue;
      }
      known.set(JSON.stringify(rest), candidates.length);
      if (candidate.confidence === 0) {
        const count = (rejected.get(candidate.rule) ?? 0) + 1;
        rejected.set(candidate.rule, count);
        if (count > MOST_REJECTED) {
          leftOut++;
          known.delete(JSON.stringify(rest));
        } else candidates.push({ ...candidate, outcome: 'rejected' });
        continue;
      }
      const start = candidate.column - 1;
      const end = start + candidate.length;
      const isReported = reports.some(
        ({ match }) => match.rule.id === candidate.rule && match.start < end && match.end > start,
      );
      const region = regions.find((one) => one.start < end && one.end > start);
      if (isReported || region === undefined) candidates.push({ ...candidate, outcome: 'finding' });
      else candidates.push({ ...candidate, outcome: 'covered', coveredBy: region.strongest.rule.id });
    }
    const rank: readonly Outcome[] = ['finding', 'covered', 'rejected'];
    candidates.sort(
      (a, b) =>
        rank.indexOf(a.outcome) - rank.indexOf(b.outcome) || a.column - b.column || b.length - a.length,
    );
    return { candidates, leftOut };
  }

  /** In bytes of the line. */
  #place({ view, valueStart, valueEnd }: Judged): { readonly start: number; readonly end: number } {
    if (valueStart === valueEnd) return { start: 0, end: 0 };
    return { start: view.lineStart(valueStart), end: view.lineEnd(valueEnd) };
  }

  #candidate(one: Judged): Omit<Candidate, 'outcome'> {
    const { rule, pattern, view, where, confidence } = one;
    const source = this.#sources[rule.index] as MatchingRule;
    const { start, end } = this.#place(one);
    const value = view.original.subarray(one.valueStart, one.valueEnd);
    return {
      rule: rule.id,
      by: pattern === undefined ? 'keys' : `pattern ${this.#numberOf(pattern)}`,
      column: start + 1,
      length: end - start,
      level: view.level,
      masked: masked(value, rule.category === 'secret'),
      value: value.toString(),
      steps:
        pattern === undefined
          ? explainKeyed(rule, source, where.bytes, one)
          : explainMatch(rule, source, where, one),
      confidence,
    };
  }

  /** Which pattern of its rule it is, from 1. */
  #numberOf(pattern: number): number {
    const { patterns } = this.#redaction.parts.detector.rules;
    const own = patterns[pattern];
    return patterns
      .slice(0, pattern + 1)
      .filter(({ rule, role }) => rule === own.rule && role === PATTERN_ROLES.value).length;
  }

  #anchorsOf({ id, patterns }: MatchingRule): readonly (AnchorText | undefined)[] {
    let anchors = this.#anchors.get(id);
    if (anchors === undefined) {
      anchors = patterns.map(({ regex }) => anchorOf(regex));
      this.#anchors.set(id, anchors);
    }
    return anchors;
  }

  #near(rule: MatchingRule, line: Buffer): NearRule[] {
    const anchor = this.#anchorsOf(rule).find((one) => one !== undefined && !one.isCommon && one.isIn(line));
    return anchor === undefined ? [] : [{ rule: rule.id, anchor: anchor.text }];
  }

  #silent(rule: MatchingRule, line: Buffer): SilentRule {
    const reasons = this.#anchorsOf(rule).map((anchor, index) => {
      const name = `pattern ${index + 1}`;
      if (anchor === undefined) return `${name} does not match; it has no anchor, and is tried on every line`;
      return anchor.isIn(line)
        ? `${name} does not match, though its anchor is there: ${anchor.text}`
        : `${name} was not tried: its anchor is missing: ${anchor.text}`;
    });
    if (rule.keys.length > 0) reasons.push('no JSON key of the line, or no value under one, fits its `keys`');
    if (rule.multiline !== undefined)
      reasons.push('`multiline.begin` opens a value of many lines; see the findings');
    return { rule: rule.id, reasons };
  }
}

function masked(value: Buffer, isSecret: boolean): string {
  const text = maskValue(value, { keepFirst: 0, keepLast: 0, keepFormat: !isSecret }).toString();
  return text.length > SHOWN_BYTES ? `${text.slice(0, SHOWN_BYTES)}...` : text;
}
