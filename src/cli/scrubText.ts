/** What a scrub did, or would do, for people. */
import type { ScrubOutcome } from '../app/scrub.ts';
import { SEVERITIES } from '../findings/finding.ts';
import type { Paint } from '../telemetry/colour.ts';

/** @returns whole lines, or nothing for a file without anything to tell */
export function outcomeText(outcome: ScrubOutcome, isWritten: boolean, paint: Paint): string {
  const { state, reason, changed, kept, linesChanged, byRule, shown, notes } = outcome;
  const name = paint('bold', printable(outcome.path));
  const rows: string[] = [];
  if (state === 'failed') {
    rows.push(`${name}: ${paint('red', 'left as it is')}: ${reason}`);
  } else if (state !== 'unchanged') {
    const verb = isWritten ? paint('green', 'rewritten') : paint('yellow', 'would change');
    rows.push(`${name}: ${verb}, ${counted(changed, 'value')} in ${counted(linesChanged, 'line')}`);
    rows.push(`    ${paint('dim', rulesText(byRule))}`);
    for (const { line, before, after } of shown) {
      const label = String(line).padStart(8);
      rows.push(`${paint('dim', label)} ${paint('red', `- ${before}`)}`);
      rows.push(`${' '.repeat(label.length)} ${paint('green', `+ ${after}`)}`);
    }
    const hidden = linesChanged - shown.length;
    if (!isWritten && shown.length > 0 && hidden > 0) {
      rows.push(paint('dim', `         and ${counted(hidden, 'more line')}`));
    }
  }
  if (state !== 'failed' && kept > 0) {
    rows.push(
      `${state === 'unchanged' ? `${name}: ` : '    '}${counted(kept, 'value')} found and not changed`,
    );
  }
  if (state !== 'unchanged') for (const note of notes) rows.push(paint('yellow', `    ${note}`));
  return rows.map((row) => `${row}\n`).join('');
}

export class ScrubTotals {
  readonly #isWritten: boolean;
  files = 0;
  values = 0;
  lines = 0;
  unchanged = 0;
  failed = 0;
  /** Place in SEVERITIES of the worst that was found, or that stays; -1 for nothing. */
  worst = -1;

  constructor(isWritten: boolean) {
    this.#isWritten = isWritten;
  }

  add({ state, changed, linesChanged, worst }: ScrubOutcome): void {
    if (state === 'failed') this.failed++;
    else if (state === 'unchanged') this.unchanged++;
    else this.files++;
    if (state !== 'unchanged') this.values += changed;
    this.lines += linesChanged;
    if (worst !== undefined) this.worst = Math.max(this.worst, SEVERITIES.indexOf(worst));
  }

  text(paint: Paint): string {
    const what = `${counted(this.values, 'value')} in ${counted(this.lines, 'line')} of ${counted(this.files, 'file')}`;
    const done = this.#isWritten ? `${what} rewritten` : `${what} would change`;
    const rest = `${this.unchanged} unchanged`;
    const failed = this.failed > 0 ? paint('red', `, ${this.failed} left as they are, see above`) : '';
    const next = this.#isWritten || this.files === 0 ? '' : ' Nothing was written; --write does it.';
    return `${done}, ${rest}${failed}.${next}\n`;
  }
}

function rulesText(byRule: Readonly<Record<string, number>>): string {
  return Object.entries(byRule)
    .sort(([, a], [, b]) => b - a)
    .map(([rule, count]) => `${rule} ${count}`)
    .join(', ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A file's name may hold what a terminal would obey. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}
