/** The document of `--format json`, written piece by piece: its values can be more than fit in one string. */
import type { AuditResult, AuditValue } from './result.ts';

/** @returns pieces of text that are the document together */
export function* jsonDocument(
  result: Omit<AuditResult, 'values'>,
  values: Iterable<AuditValue>,
): Generator<string> {
  let separator = '{\n';
  for (const [name, part] of Object.entries(result)) {
    if (part === undefined) continue;
    yield `${separator}${JSON.stringify(name)}: ${JSON.stringify(part)}`;
    separator = ',\n';
  }
  yield `${separator}"values": [`;
  separator = '\n';
  for (const value of values) {
    yield separator + JSON.stringify(value);
    separator = ',\n';
  }
  yield '\n]\n}\n';
}
