/** Times as people write them: `500ms`, `30s`, `5m`, `24h`, `7d`. */

const FACTORS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds, or undefined when the text is no time; a number without a unit is none */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = FACTORS[unit];
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}
