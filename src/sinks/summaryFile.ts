/** Writes the summary: whole or not at all, readable by its owner only. */
import type { Summary } from '../findings/summary.ts';
import { writeWhole } from './wholeFile.ts';

/** @throws IoError */
export function writeSummary(path: string, summary: Summary): void {
  writeWhole(path, `${JSON.stringify(summary, null, 2)}\n`, 'the summary');
}
