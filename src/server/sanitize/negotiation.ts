/** What a request says of itself in its headers: what it sends, and what it wants. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../httpError.ts';

export const ENVELOPE_TYPE = 'application/vnd.logveil+json';

/** Types of text that is a line after a line, and what the answer is called; JSON lines have three names. */
export const TEXT_TYPES: Readonly<Record<string, string>> = {
  'text/plain': 'text/plain; charset=utf-8',
  'application/octet-stream': 'application/octet-stream',
  'application/x-ndjson': 'application/x-ndjson',
  'application/ndjson': 'application/x-ndjson',
  'application/jsonl': 'application/x-ndjson',
};
/** Supersets of ASCII in which the rules' patterns stand as they are. */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * @returns the type of the answer
 * @throws HttpError for a type or character set that can't be redacted line by line
 */
export function answerType({ 'content-type': header }: IncomingHttpHeaders): string {
  const [type = '', ...parameters] = (header ?? 'application/octet-stream').split(';');
  const answer = Object.hasOwn(TEXT_TYPES, type.trim().toLowerCase())
    ? TEXT_TYPES[type.trim().toLowerCase()]
    : undefined;
  if (answer === undefined) {
    throw new HttpError(
      'UNSUPPORTED_MEDIA_TYPE',
      'expected Content-Type text/plain, application/x-ndjson or application/octet-stream (curl: -H "content-type: text/plain")',
      { 'accept-post': Object.keys(TEXT_TYPES).join(', ') },
    );
  }
  for (const parameter of parameters) {
    const [, charset] = /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/i.exec(parameter) ?? [];
    if (charset !== undefined && !CHARSETS.has(charset.toLowerCase())) {
      throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'expected text in UTF-8: convert it first');
    }
  }
  return answer;
}

/** Whether JSON with text and findings is asked for, rather than the redacted bytes as they come. */
export function wantsEnvelope({ accept = '' }: IncomingHttpHeaders): boolean {
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
    return (type === ENVELOPE_TYPE || type === 'application/json') && !isRefused;
  });
}
