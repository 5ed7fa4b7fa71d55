/**
 * From accepted matches to what is redacted and what is reported. Matches overlap (a password that is an e-mail
 * address, a token in a URL), so:
 *
 * - every byte of every match is covered: overlapping matches become one region;
 * - a region is named after its strongest match: confidence, then length, then rule order;
 * - a region gets the strictest action among its matches, so that no rule's bytes show because another is milder;
 * - a match that lies wholly within stronger ones adds nothing and is not reported.
 */
import { ACTIONS, type Action } from '../findings/finding.ts';
import type { CompiledRule } from '../rules/compile.ts';

/** An accepted match, in bytes from the line's start. */
export interface Match {
  readonly rule: CompiledRule;
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
  /** How many string literals it was found inside of. */
  readonly level: number;
  /** The value with its escapes decoded; shares memory with the line and is valid only until the line is done. */
  readonly value: Buffer;
}

/** Bytes that are replaced as one. */
export interface Region {
  readonly start: number;
  readonly end: number;
  readonly action: Exclude<Action, 'keep'>;
  /** The match it is named after. */
  readonly strongest: Match;
  /** Whether a secret is among its matches, whatever it is named after. */
  readonly hasSecret: boolean;
}

/** What to report: a match and the action that was taken on its bytes. */
interface Report {
  readonly match: Match;
  readonly action: Action;
}

export interface Resolution {
  /** Disjoint, ascending. */
  readonly regions: readonly Region[];
  /** Ascending by start. */
  readonly reports: readonly Report[];
}

const STRICTNESS: ReadonlyMap<Action, number> = new Map(ACTIONS.map((action, index) => [action, index]));
const NOTHING: Resolution = { regions: [], reports: [] };

/** @param matches in any order; equal ones may occur more than once */
export function resolve(matches: readonly Match[], actionOf: (match: Match) => Action): Resolution {
  if (matches.length === 0) return NOTHING;
  const regions: Region[] = [];
  const reports: Report[] = [];
  const kept: Match[] = [];
  const changed: Match[] = [];
  for (const match of matches) (actionOf(match) === 'keep' ? kept : changed).push(match);
  if (kept.length > 0 && changed.length > 0) keepParts(changed, kept);
  for (const group of overlapping(changed)) {
    const region = toRegion(group, actionOf);
    regions.push(region);
    for (const match of withoutCovered(group)) reports.push({ match, action: region.action });
  }
  for (const group of overlapping(kept)) {
    for (const match of withoutCovered(group)) {
      if (!isInside(match, regions)) reports.push({ match, action: 'keep' });
    }
  }
  reports.sort((a, b) => a.match.start - b.match.start || byStrength(a.match, b.match));
  return { regions, reports };
}

/**
 * Where actions are for some values of a rule only: a value that is a part of a longer one that the same rule has found
 * is not the value that is meant.
 */
function keepParts(changed: Match[], kept: Match[]): void {
  const isPart = (match: Match): boolean =>
    kept.some(
      ({ rule, start, end }) =>
        rule === match.rule &&
        start <= match.start &&
        end >= match.end &&
        end - start > match.end - match.start,
    );
  const parts = changed.filter(isPart);
  if (parts.length === 0) return;
  kept.push(...parts);
  const stay = changed.filter((match) => !parts.includes(match));
  changed.splice(0, changed.length, ...stay);
}

/** The stronger first; of equal ones the decoded value before its spelling. */
function byStrength(a: Match, b: Match): number {
  return (
    b.confidence - a.confidence ||
    b.end - b.start - (a.end - a.start) ||
    a.rule.index - b.rule.index ||
    b.level - a.level
  );
}

/** Groups of matches whose union is one run of bytes; matches that only touch stay apart. */
function overlapping(matches: Match[]): Match[][] {
  matches.sort((a, b) => a.start - b.start || a.end - b.end);
  const groups: Match[][] = [];
  let end = -1;
  for (const match of matches) {
    if (match.start < end) groups.at(-1)?.push(match);
    else groups.push([match]);
    end = Math.max(end, match.end);
  }
  return groups;
}

function toRegion(group: Match[], actionOf: (match: Match) => Action): Region {
  group.sort(byStrength);
  const strongest = group[0] as Match;
  let { start, end } = strongest;
  let action = actionOf(strongest);
  let hasSecret = false;
  for (const match of group) {
    start = Math.min(start, match.start);
    end = Math.max(end, match.end);
    hasSecret ||= match.rule.category === 'secret';
    const other = actionOf(match);
    if (strictness(other) > strictness(action)) action = other;
  }
  return { start, end, action: action as Region['action'], strongest, hasSecret };
}

/** @param regions disjoint, ascending */
function isInside(match: Match, regions: readonly Region[]): boolean {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (regions[middle].end < match.end) low = middle + 1;
    else high = middle;
  }
  return low < regions.length && regions[low].start <= match.start;
}

function strictness(action: Action): number {
  return STRICTNESS.get(action) ?? 0;
}

/** Drops each match all of whose bytes lie in stronger ones. Linear in the summed length of the matches. */
function withoutCovered(group: Match[]): Match[] {
  if (group.length === 1) return group;
  group.sort(byStrength);
  const first = group.reduce((least, match) => Math.min(least, match.start), Number.MAX_SAFE_INTEGER);
  const last = group.reduce((most, match) => Math.max(most, match.end), 0);
  const covered = new Uint8Array(last - first);
  return group.filter((match) => {
    const from = match.start - first;
    const to = match.end - first;
    const adds = covered.subarray(from, to).includes(0);
    covered.fill(1, from, to);
    return adds;
  });
}

/** What of a match lies in `[from, to)` of its line; a match that is cut has its spelling there as its value. */
export function clipped(match: Match, from: number, to: number, line: Buffer): Match {
  if (match.start >= from && match.end <= to) return match;
  const start = Math.max(match.start, from);
  const end = Math.min(match.end, to);
  return { ...match, start, end, value: line.subarray(start, end) };
}
