/**
 * Which rules claim the values under which JSON keys. A claim holds for everything below its key, at any depth. Logs
 * repeat their key names, so what a name means is remembered, within bounds.
 */
import type { JsonTokens } from '../json/tokens.ts';
import { NO_KEY } from '../json/tokens.ts';
import { asciiLowerText, type CompiledKey, type CompiledRule } from '../rules/compile.ts';
import { toValidUtf8 } from './utf8.ts';
import type { View } from './view.ts';

/** Distinct key names in real logs are some hundreds; hostile ones must not fill the memory. */
const CACHE_ENTRIES = 4096;
const NO_RULES: readonly CompiledRule[] = [];

/** What the names of keys mean, for all lines. */
export class KeyClaims {
  readonly #keys: readonly CompiledKey[];
  readonly #byName = new Map<string, readonly CompiledRule[]>();

  constructor(keys: readonly CompiledKey[]) {
    this.#keys = keys;
  }

  /** The claims in one view; it must have been lexed. */
  of(view: View): ViewClaims {
    return new ViewClaims(this, view.tokens);
  }

  /** The rules that claim what stands under a key of this name, each once, in rule order. */
  ofName(name: Uint8Array): readonly CompiledRule[] {
    const bytes = Buffer.from(name.buffer, name.byteOffset, name.length);
    const text = bytes.toString('latin1');
    let rules = this.#byName.get(text);
    if (rules === undefined) {
      const valid = toValidUtf8(bytes);
      rules = [...new Set(this.#keys.filter(({ regex }) => regex.test(valid)).map(({ rule }) => rule))];
      if (this.#byName.size >= CACHE_ENTRIES) this.#byName.clear();
      this.#byName.set(text, rules.length === 0 ? NO_RULES : rules);
    }
    return rules;
  }
}

/** The claims on the tokens of one view, each key judged once. */
export class ViewClaims {
  readonly #claims: KeyClaims;
  readonly #tokens: JsonTokens;
  readonly #byKey = new Map<number, readonly CompiledRule[]>();
  /** Whether a key, or one above it, is written with a keyword of the rule; remembered, for deep nesting. */
  readonly #named = new Map<CompiledRule, Map<number, boolean>>();

  constructor(claims: KeyClaims, tokens: JsonTokens) {
    this.#claims = claims;
    this.#tokens = tokens;
  }

  /** @param key reference of the key that governs a token */
  rulesFor(key: number): readonly CompiledRule[] {
    // Keys come before what they govern, so going up stops at the first that is known; a loop, for deep nesting.
    const unknown: number[] = [];
    let above = key;
    while (above !== NO_KEY && !this.#byKey.has(above)) {
      unknown.push(above);
      above = this.#tokens.parentKey(above);
    }
    let inherited = above === NO_KEY ? NO_RULES : (this.#byKey.get(above) ?? NO_RULES);
    for (const reference of unknown.reverse()) {
      const own = this.#claims.ofName(this.#tokens.keyName(reference));
      if (own.length > 0) inherited = inherited.length === 0 ? own : [...new Set([...inherited, ...own])];
      this.#byKey.set(reference, inherited);
    }
    return inherited;
  }

  /** Whether a key on the way up is written with a keyword of the rule: with escapes the line does not show it. */
  nameHasKeyword(key: number, rule: CompiledRule): boolean {
    let known = this.#named.get(rule);
    if (known === undefined) {
      known = new Map();
      this.#named.set(rule, known);
    }
    const passed: number[] = [];
    let has = false;
    for (let above = key; above !== NO_KEY && !has; above = this.#tokens.parentKey(above)) {
      const remembered = known.get(above);
      if (remembered !== undefined) {
        has = remembered;
        break;
      }
      passed.push(above);
      const lower = asciiLowerText(Buffer.from(this.#tokens.keyName(above)));
      has = rule.keywords.some((keyword) => lower.includes(keyword));
    }
    for (const reference of passed) known.set(reference, has);
    return has;
  }
}
