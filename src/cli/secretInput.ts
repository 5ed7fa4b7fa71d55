/** Asks for what must not be seen: a prompt without echo at a terminal, the lines of standard input otherwise. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from '../errors.ts';

/** Far more than anybody has. */
const MOST_BYTES = 64 * 1024;

/**
 * @returns the values, one a line, blank lines left out
 * @throws UsageError when there is none
 */
export async function readValues(prompt: string): Promise<string[]> {
  const text = process.stdin.isTTY === true ? await ask(prompt) : await readAll();
  const values = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (values.length === 0)
    throw new UsageError('expected a value at the prompt or on standard input, one a line');
  return values;
}

async function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((done, fail) => {
      lines.once('line', done);
      lines.once('SIGINT', () => fail(new UsageError('stopped at the prompt')));
      lines.once('close', () => fail(new UsageError('expected a value at the prompt')));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES)
      throw new UsageError('standard input: expected the values of one person, not a file');
  }
  return Buffer.concat(chunks).toString();
}
