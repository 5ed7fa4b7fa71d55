/** Standard input and pipes: they can be read here only, and once. */
import { RecordWriter } from '../../audit/records.ts';
import type { Part } from '../../audit/scan.ts';
import { chunksOf, type Source } from '../../sources/chunks.ts';
import { openFile, openStandardInput, UnreadableInput } from '../../sources/input.ts';
import type { Searched } from './executor.ts';
import type { PartScanner } from './partScanner.ts';
import { Spool } from './spool.ts';
import { failedResult } from './threads.ts';

/** @throws IoError when what is found can't be kept */
export async function openStream(scanner: PartScanner, part: Part, stop: AbortSignal): Promise<Searched> {
  const spool = new Spool();
  const records = new RecordWriter((bytes) => spool.write(bytes));
  let source: Source;
  try {
    source = part.path === '-' ? openStandardInput() : openFile(part.path);
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    return { result: failedResult(part, error.message), records: spool.take() };
  }
  const result = await scanner.scanStream(part, copies(chunksOf(source, stop)), records);
  records.flush();
  return { result, records: spool.take() };
}

/** Chunks that stay: decompressors keep them. */
async function* copies(chunks: AsyncIterable<Buffer | number>): AsyncGenerator<Buffer> {
  // Numbers are told only where room was offered.
  for await (const chunk of chunks) if (typeof chunk !== 'number') yield Buffer.from(chunk);
}
