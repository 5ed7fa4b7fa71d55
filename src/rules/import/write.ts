/** Writes rules as a file of ours. */
import { stringify } from 'yaml';

/**
 * @param comment lines at the file's head
 * @param rules as a rule file holds them
 */
export function writeRuleFile(comment: readonly string[], rules: readonly object[]): string {
  const head = comment.map((line) => `# ${line}\n`).join('');
  // Patterns in single quotes: in double ones their backslashes would be doubled.
  const body = stringify({ schema: 'logveil.rules/1', rules }, { lineWidth: 0, singleQuote: true });
  return head + body.replace(/\n {2}- id:/g, '\n\n  - id:').replace('rules:\n\n', 'rules:\n');
}
