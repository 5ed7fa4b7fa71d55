/** The main job: inputs in, redacted bytes to one output, findings beside it. */
import { availableParallelism } from 'node:os';
import { BrokenPipe, type FileWriter } from '../sinks/fileWriter.ts';
import type { FindingsFile } from '../sinks/findingsFile.ts';
import { openFile, openStandardInput, readInput, UnreadableInput } from '../sources/input.ts';
import type { Progress } from '../telemetry/progress.ts';
import { type Cut, CutLine } from './cutLine.ts';
import { type Emit, type Feed, StreamFeed } from './feed.ts';
import type { LiveRedaction } from './liveRedaction.ts';

export interface RedactFilesOptions {
  readonly redaction: LiveRedaction;
  /** Threads to spread the work over, as far as there are processors for them; with one, all is done here. */
  readonly jobs: number;
  /** Paths, or `-` for standard input. */
  readonly inputs: readonly string[];
  readonly output: FileWriter;
  readonly findings: FindingsFile | undefined;
  /** Whether the totals are read afterwards. */
  readonly isCounted: boolean;
  readonly stop: AbortSignal;
  readonly progress: Progress;
  /** Told of an input that could not be read to its end; the others go on. */
  readonly onFailure: (message: string) => void;
  /** Told once at the end when lines could not be looked at; the error may hold scanned bytes. */
  readonly onEngineFailure: (error: unknown) => void;
}

/**
 * Runs to the end of all inputs.
 * @returns whether everything was taken, or the reader closed the pipe before
 * @throws IoError when the output can't be written
 */
export async function redactFiles(options: RedactFilesOptions): Promise<'done' | 'closed'> {
  const { redaction, inputs, output, findings, stop, progress, onFailure, onEngineFailure } = options;
  let source = '';
  const emit = async (bytes: Buffer): Promise<void> => {
    // Findings first: whoever sees a redacted line can look up why.
    await findings?.flush();
    await output.write(bytes);
  };
  const line = new CutLine(emit);
  const feed = await openFeed(options, () => source, line.pass);
  const endSource = async (cut: Cut | undefined): Promise<boolean> => {
    const { tally, current } = redaction;
    if (cut !== undefined && current.settings.onError === 'withhold')
      return line.end(cut, () => feed.end(), tally);
    await feed.end();
    return false;
  };
  let unfinished = 0;
  try {
    for (const name of inputs) {
      const isStandardInput = name === '-';
      source = isStandardInput ? 'stdin' : name;
      if (stop.aborted) {
        unfinished++;
        continue;
      }
      let cut: Cut | undefined;
      try {
        const input = isStandardInput ? openStandardInput() : openFile(name);
        for await (const chunk of readInput(source, input, stop, () => feed.input)) {
          await feed.take(chunk);
          progress.update(source, redaction.tally.bytesIn, redaction.tally.findings);
        }
        // Standard input has no end of its own: to be stopped is how its reading ends.
        if (stop.aborted && !isStandardInput && !input.isEnded) unfinished++;
        if (!input.isEnded) cut = 'cut by a signal';
      } catch (error) {
        if (!(error instanceof UnreadableInput)) throw error;
        onFailure(error.message);
        cut = 'cut by a read error';
      }
      if (await endSource(cut)) onFailure(`${source}: its last line was ${cut} and withheld`);
    }
    if (unfinished > 0) onFailure(stoppedMessage(unfinished, inputs));
    return 'done';
  } catch (error) {
    if (error instanceof BrokenPipe) return 'closed';
    throw error;
  } finally {
    progress.clear();
    if (feed.failure !== undefined) onEngineFailure(feed.failure);
    await feed.close();
  }
}

async function openFeed(options: RedactFilesOptions, source: () => string, emit: Emit): Promise<Feed> {
  const { redaction, jobs, findings, isCounted } = options;
  const threads = Math.min(jobs, availableParallelism());
  if (threads === 1) return new StreamFeed(redaction.openStream(source, findings?.add, isCounted), emit);
  const { ParallelFeed } = await import('./jobs/parallelFeed.ts');
  return new ParallelFeed({
    redaction,
    jobs: threads,
    source,
    findings,
    isCounted,
    openStream: (place) => redaction.openStream(source, findings?.add, isCounted, place),
    emit,
  });
}

/** The last inputs are those that are missing from the output. */
function stoppedMessage(unfinished: number, inputs: readonly string[]): string {
  const first = inputs.at(-unfinished);
  return `stopped by a signal: ${unfinished} of ${inputs.length} inputs not read to the end, from ${first} on`;
}
