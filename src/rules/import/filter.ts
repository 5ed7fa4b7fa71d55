/**
 * The filter expressions of betterleaks, as far as they say what `entropy` and `allow` say: alternatives of
 * `entropy(finding["secret"]) <= 3.5`, `matchesAny(finding["secret"], [...])` and `containsAny(finding["secret"], [...])`.
 * A filter drops findings, so what is not understood is left out: the rule then finds more, never less.
 */
import type { ForeignAllow } from './foreign.ts';

/** What a filter asks for, and how many of its alternatives are not among it. */
export interface Filter extends ForeignAllow {
  readonly minEntropy: number | undefined;
  readonly notUnderstood: number;
}

const SECRET = String.raw`\(\s*finding\["secret"\]`;
const ENTROPY = new RegExp(String.raw`^(?:filter\.)?entropy${SECRET}\s*\)\s*<=?\s*([0-9]+(?:\.[0-9]+)?)$`);
const MATCHES = new RegExp(String.raw`^(?:filter\.)?matchesAny${SECRET}\s*,\s*\[([^]*)\]\s*\)$`);
const CONTAINS = new RegExp(String.raw`^(?:filter\.)?containsAny${SECRET}\s*,\s*\[([^]*)\]\s*\)$`);
const LITERALS = /`([^`]*)`|"((?:[^"\\]|\\.)*)"/g;

export function readFilter(expression: string): Filter {
  const patterns: string[] = [];
  const stopwords: string[] = [];
  let minEntropy: number | undefined;
  let notUnderstood = 0;
  for (const part of alternatives(expression)) {
    const entropy = ENTROPY.exec(part)?.[1];
    const matches = MATCHES.exec(part)?.[1];
    const contains = CONTAINS.exec(part)?.[1];
    if (entropy !== undefined) minEntropy = Math.max(minEntropy ?? 0, Number(entropy));
    else if (matches !== undefined) patterns.push(...literals(matches));
    else if (contains !== undefined) stopwords.push(...literals(contains));
    else notUnderstood++;
  }
  return { patterns, stopwords, minEntropy, notUnderstood };
}

function literals(list: string): string[] {
  return [...list.matchAll(LITERALS)].map(([, raw, quoted]) => raw ?? unquoted(quoted ?? ''));
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** The parts between `||` that stand in no brackets and no literal; brackets around the whole are taken off. */
function alternatives(expression: string): string[] {
  const text = withoutComments(expression).trim();
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  let closesEarly = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '`' || char === '"') at = endOfLiteral(text, at);
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) {
      depth--;
      if (depth === 0 && at < text.length - 1) closesEarly = true;
    } else if (depth === 0 && text.startsWith('||', at)) {
      parts.push(text.slice(from, at));
      from = at + 2;
      at++;
    }
  }
  parts.push(text.slice(from));
  if (parts.length === 1 && text.startsWith('(') && text.endsWith(')') && !closesEarly)
    return alternatives(text.slice(1, -1));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function endOfLiteral(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text.charAt(at) === '\\') at++;
    else if (text.charAt(at) === quote) return at;
  }
  return text.length;
}

function withoutComments(expression: string): string {
  return expression.replace(/^\s*\/\/.*$/gm, '');
}
