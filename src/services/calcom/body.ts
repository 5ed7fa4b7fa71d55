/** Reads an answer's body up to a bound: whoever answers decides how much comes, decompressed. */
import { CalcomError } from './errors.ts';

/** A month of slots is some 100 KB. */
const MOST_BODY_BYTES = 2 * 1024 * 1024;

/**
 * @returns what the body holds as JSON
 * @throws CalcomError `malformed` when it is too long or no JSON; what fetch throws when the connection breaks
 */
export async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the answer.
    throw new CalcomError('malformed', response.status, 'no JSON');
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the body and closes the connection.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES)
      throw new CalcomError('malformed', response.status, `more than ${MOST_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
