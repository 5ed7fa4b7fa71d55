/** Values in escapes that JSON does not know, JSON in fields of CSV, and values at the ends of strings and streams. */
import { expect, test } from 'vitest';
import { runner } from '../scan/support.ts';

const kernel = runner({ engine: 'kernel', rules: ['all'] });
const reference = runner({ engine: 're2', rules: ['all'] });

test.each([
  [String.raw`{"u":"zoe\x40example.com"}`, '{"u":"[REDACTED:email]"}'],
  [String.raw`["zoe\x40example.com"]`, '["[REDACTED:email]"]'],
  [
    String.raw`{"body":"{\x22password\x22:\x22hunter2xx\x22}"}`,
    String.raw`{"body":"{\x22password\x22:\x22[REDACTED:password-field]\x22}"}`,
  ],
  [
    '1,"{""ssn"":""536-90-4399"",""firstName"":""Ana Maria""}",2',
    '1,"{""ssn"":""[REDACTED:us-ssn]"",""firstName"":""[REDACTED:person-name]""}",2',
  ],
  [String.raw`"user password is hunter22\""`, String.raw`"user password is [REDACTED:password]\""`],
  ['  spring.datasource.password: qwertz\r', '  spring.datasource.password: [REDACTED:password]\r'],
  [
    '{"password":"POST /pay exp=12/28&cvv=482 HTTP/1.1","token":"POST /pay exp=12/28&cvv=482 HTTP/1.1"}',
    undefined,
  ],
  ['{"api_key":"bob@acme.com:S3cretPass99"}', '{"api_key":"[REDACTED:email]"}'],
])('%j', (text, expected) => {
  const once = kernel.run(Buffer.from(text));
  if (expected !== undefined) expect(once.output.toString()).toBe(expected);
  expect(reference.run(Buffer.from(text))).toEqual(once);
  expect(kernel.run(once.output).output.toString()).toBe(once.output.toString());
});
