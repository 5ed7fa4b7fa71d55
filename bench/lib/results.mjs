/** Raw runs as they come in, and what is made of them: JSON and CSV for machines, tables for people. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErratic, spread } from './statistics.mjs';

/**
 * @typedef {object} RawRun
 * @property {string} question what is asked: `in-process`, `pipe`, `pipe-ratio`, ...
 * @property {string} corpus
 * @property {string} contender
 * @property {number} run
 * @property {number} bytes of input
 * @property {number} value
 * @property {string} unit
 */

export class Results {
  /** @type {RawRun[]} */
  runs = [];

  /** @param {RawRun} run */
  add(run) {
    this.runs.push(run);
  }

  /**
   * @param {string} question
   * @param {string} corpus
   * @param {string} contender
   */
  spreadOf(question, corpus, contender) {
    const values = this.runs
      .filter((run) => run.question === question && run.corpus === corpus && run.contender === contender)
      .map(({ value }) => value);
    return values.length === 0 ? undefined : spread(values);
  }

  /** One entry for each question, corpus and contender. */
  summary() {
    const groups = new Map();
    for (const { question, corpus, contender, unit, value, bytes } of this.runs) {
      const key = [question, corpus, contender].join('\n');
      const group = groups.get(key) ?? { question, corpus, contender, unit, bytes, values: [] };
      group.values.push(value);
      groups.set(key, group);
    }
    return [...groups.values()].map((group) => {
      const values = spread(group.values);
      return { ...group, ...values, erratic: isErratic(values) };
    });
  }

  /**
   * Writes `<date>-<node version>.json` and `.csv`.
   * @param {string} folder
   * @param {object} head what was measured on what
   * @returns {string} path without its ending
   */
  write(folder, head) {
    mkdirSync(folder, { recursive: true });
    const base = join(folder, `${new Date().toISOString().slice(0, 10)}-node${process.versions.node}`);
    writeFileSync(`${base}.json`, `${JSON.stringify({ ...head, results: this.summary() }, null, 2)}\n`);
    const columns = ['question', 'corpus', 'contender', 'run', 'bytes', 'value', 'unit'];
    const rows = this.runs.map((run) => columns.map((column) => run[column]).join(','));
    writeFileSync(`${base}.csv`, `${[columns.join(','), ...rows].join('\n')}\n`);
    return base;
  }
}

/**
 * @param {readonly (readonly string[])[]} rows the first is the heading; the first column is text, the others numbers
 */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  '),
    )
    .join('\n');
}

/**
 * `12.3 (11.9-12.8)`, with a `~` before it when the runs were erratic.
 * @param {import('./statistics.mjs').Spread | undefined} values
 * @param {number} digits
 */
export function shown(values, digits) {
  if (values === undefined) return '-';
  const [min, median, max] = [values.min, values.median, values.max].map((value) => value.toFixed(digits));
  return `${isErratic(values) ? '~' : ''}${median} (${min}-${max})`;
}
