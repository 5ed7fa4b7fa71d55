/** `rules list`: which rules there are. */
import { STDOUT_FD } from '../descriptors.ts';
import type { Category, Severity } from '../findings/finding.ts';
import { loadRules } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import type { LoadedRule } from '../rules/ruleSet.ts';
import { type Paint, paintFor } from '../telemetry/colour.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { print, printable } from './printing.ts';

/** Filters; a rule is listed when it fits each that is given, and of one given several times any of them. */
export interface ListFlags {
  readonly pack?: string[];
  readonly entity?: string[];
  readonly category?: Category[];
  readonly severity?: Severity[];
  readonly text?: string;
  readonly counts?: boolean;
  readonly format: 'text' | 'json';
}

const COUNTED = ['pack', 'category', 'severity'] as const;

/** @throws UsageError, ProblemsError, IoError */
export async function listRules(names: readonly string[], flags: ListFlags): Promise<ExitCode> {
  const { rules } = loadRules(resolveRuleFiles(names.length > 0 ? names : ['all']));
  const chosen = rules.filter((rule) => fits(rule, flags));
  if (flags.format === 'json') {
    const listed = flags.counts ? [] : chosen.map(toJson);
    await print(
      `${JSON.stringify({ count: chosen.length, of: rules.length, ...countsOf(chosen), rules: listed }, null, 2)}\n`,
    );
  } else {
    const paint = paintFor(STDOUT_FD);
    const lines = flags.counts ? countLines(chosen) : listLines(chosen, paint);
    await print([...lines, paint('dim', totals(chosen.length, rules.length)), ''].join('\n'));
  }
  return EXIT_CODES.done;
}

function fits({ rule, pack }: LoadedRule, flags: ListFlags): boolean {
  const text = flags.text?.toLowerCase();
  const isOneOf = (wanted: readonly string[] | undefined, own: string): boolean =>
    wanted === undefined || wanted.some((one) => one.toLowerCase() === own.toLowerCase());
  return (
    isOneOf(flags.pack, pack) &&
    isOneOf(flags.entity, rule.entity) &&
    isOneOf(flags.category, rule.category) &&
    isOneOf(flags.severity, rule.severity) &&
    (text === undefined ||
      [rule.id, rule.entity, rule.description, ...rule.keywords].some((part) =>
        part.toLowerCase().includes(text),
      ))
  );
}

function toJson({ rule, pack }: LoadedRule): unknown {
  const { id, description, entity, category, gdpr, severity, confidence, action, references } = rule;
  return { id, pack, description, entity, category, gdpr, severity, confidence, action, references };
}

function countsOf(rules: readonly LoadedRule[]): Record<string, Record<string, number>> {
  return Object.fromEntries(
    COUNTED.map((name) => {
      const counts: Record<string, number> = {};
      for (const { rule, pack } of rules) {
        const own = name === 'pack' ? pack : rule[name];
        counts[own] = (counts[own] ?? 0) + 1;
      }
      const sorted = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      return [name, Object.fromEntries(sorted)];
    }),
  );
}

function countLines(rules: readonly LoadedRule[]): string[] {
  return Object.entries(countsOf(rules)).flatMap(([name, counts]) => [
    `by ${name}`,
    ...Object.entries(counts).map(([own, count]) => `${String(count).padStart(7)}  ${own}`),
    '',
  ]);
}

function listLines(rules: readonly LoadedRule[], paint: Paint): string[] {
  const rows = rules.map(({ rule, pack }) => [rule.id, pack, rule.entity, rule.category, rule.severity]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return `${cells}  ${paint('dim', printable(rules[index]?.rule.description ?? ''))}`;
  });
}

function totals(count: number, all: number): string {
  return count === all ? `${count} rules` : `${count} of ${all} rules`;
}
