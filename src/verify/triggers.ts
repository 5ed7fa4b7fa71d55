/** The five rollback triggers: what the checks have seen, put together. */
import type { Trigger } from './result.ts';

export const TRIGGERS = [
  { id: 'pii-visible', title: 'Personal data or secrets visible' },
  { id: 'breaker-stuck-open', title: 'Circuit breaker stuck open' },
  { id: 'application-crash', title: 'Application crashes' },
  { id: 'user-failures', title: 'User actions fail' },
  { id: 'rate-limit-exceeded', title: 'Rate limit exceeded' },
] as const;

export type TriggerId = (typeof TRIGGERS)[number]['id'];

/** What a check says about a rollback trigger. */
export interface Sign {
  readonly trigger: TriggerId;
  readonly state: Trigger['state'];
  readonly reason: string;
}

/** The same, and which check says it. */
export interface CheckSign extends Sign {
  readonly check: string;
}

/** One sign that fired is enough; it is clear where all say so. */
export function judgeTriggers(signs: readonly CheckSign[]): Trigger[] {
  return TRIGGERS.map(({ id, title }, index) => {
    const mine = signs.filter(({ trigger }) => trigger === id);
    const state = (['fired', 'unknown', 'clear'] as const).find((one) =>
      mine.some((sign) => sign.state === one),
    );
    const telling = mine.filter((sign) => sign.state === state);
    return {
      number: index + 1,
      id,
      title,
      state: state ?? 'unknown',
      reason: telling.length === 0 ? 'no check has looked' : telling.map(({ reason }) => reason).join('; '),
      checks: telling.map(({ check }) => check),
    };
  });
}
