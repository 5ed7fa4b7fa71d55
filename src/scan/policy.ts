/**
 * What is done with what is found: which action a rule's matches get, and the text that takes their place.
 */
import type { Action, Category } from '../findings/finding.ts';
import type { FingerprintKey } from '../findings/fingerprint.ts';
import { escapeLevels } from '../json/encode.ts';
import type { CompiledRule } from '../rules/compile.ts';
import { type MaskOptions, maskValue } from './mask.ts';
import type { Piece } from './pieces.ts';
import { pseudonymPlaceholder, redactedPlaceholder } from './placeholder.ts';
import type { Match, Region } from './resolve.ts';

export interface PolicyOptions {
  /** For all rules, above everything else. */
  readonly action?: Action | undefined;
  /** By rule id; above the category. */
  readonly ruleActions: ReadonlyMap<string, Action>;
  readonly categoryActions: ReadonlyMap<Category, Action>;
  readonly mask: MaskOptions;
  readonly key: FingerprintKey;
  /** Values that the actions are for; all others, and values of many lines, are kept. */
  readonly select?: Selection | undefined;
}

/**
 * Whether the actions are for a value.
 * @param value decoded bytes, valid only during the call
 */
export type Selection = (rule: CompiledRule, value: Uint8Array) => boolean;

const EMPTY = Buffer.alloc(0);

export class Policy {
  readonly #options: PolicyOptions;
  /** By rule index. */
  readonly #actions: Action[] = [];
  readonly #placeholders: Buffer[] = [];

  constructor(rules: readonly CompiledRule[], options: PolicyOptions) {
    this.#options = options;
    const { action, ruleActions, categoryActions } = options;
    for (const rule of rules) {
      this.#actions.push(
        action ?? ruleActions.get(rule.id) ?? categoryActions.get(rule.category) ?? rule.action ?? 'redact',
      );
      this.#placeholders.push(Buffer.from(redactedPlaceholder(rule.id)));
    }
  }

  /** Whether no value of any rule is changed. */
  get keepsAll(): boolean {
    return this.#options.select === undefined && this.#actions.every((action) => action === 'keep');
  }

  /** What is done with every value of a rule. */
  readonly actionOf = (rule: CompiledRule): Action =>
    this.#options.select === undefined ? this.#actions[rule.index] : 'keep';

  /** What is done with a match. */
  readonly actionOfMatch = ({ rule, value }: Match): Action =>
    this.#options.select?.(rule, value) ? this.#actions[rule.index] : this.actionOf(rule);

  /** What stands in place of each value of a rule that is redacted; undefined where that depends on the value. */
  fixedReplacement(rule: CompiledRule): Buffer | undefined {
    return this.actionOf(rule) === 'redact' ? this.#placeholders[rule.index] : undefined;
  }

  /** The bytes that stand in place of a piece of a region. */
  replacement(region: Region, piece: Piece): Buffer {
    const text = this.#text(region, piece);
    if (piece.quoteLevel === -1) return text;
    const quote = Buffer.from(escapeLevels('"', piece.quoteLevel));
    return Buffer.concat([quote, text, quote]);
  }

  /** The bytes that stand in place of a multi-line value, which has no shape to keep. */
  blockReplacement(rule: CompiledRule, action: Action, fingerprint: string): Buffer {
    if (action === 'remove') return EMPTY;
    if (action === 'pseudonymize') return Buffer.from(pseudonymPlaceholder(rule.id, fingerprint));
    return this.#placeholders[rule.index];
  }

  #text(region: Region, piece: Piece): Buffer {
    const { rule, value } = region.strongest;
    switch (region.action) {
      case 'remove':
      case 'drop-line':
        return EMPTY;
      case 'mask': {
        const { mask } = this.#options;
        return maskValue(piece.value, { ...mask, keepFormat: mask.keepFormat && !region.hasSecret });
      }
      case 'pseudonymize':
        return Buffer.from(pseudonymPlaceholder(rule.id, this.#options.key.fingerprint(rule.entity, value)));
      case 'redact':
        return this.#placeholders[rule.index];
    }
  }
}
