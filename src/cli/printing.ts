/** What the commands on rules print: to standard output, quietly ended by whoever closes the pipe. */
import { STDOUT_FD } from '../descriptors.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';

/**
 * @param text with its line ends
 * @throws IoError
 */
export async function print(text: string): Promise<void> {
  try {
    await new FileWriter(STDOUT_FD).write(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
}

/** Lines of text; nothing for no lines. */
export function printLines(lines: readonly string[]): Promise<void> {
  return print(lines.map((line) => `${line}\n`).join(''));
}

/** A name that comes from outside may hold what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
