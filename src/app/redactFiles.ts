/** The main job: inputs in, redacted bytes to one output, findings beside it. */
import { LogveilError } from '../errors.ts';
import { BrokenPipe, type FileWriter } from '../sinks/fileWriter.ts';
import type { FindingsFile } from '../sinks/findingsFile.ts';
import { openInput, readInput } from '../sources/input.ts';
import type { Progress } from '../telemetry/progress.ts';
import type { Redaction } from './redaction.ts';

export interface RedactFilesOptions {
  readonly redaction: Redaction;
  /** Paths, or `-` for standard input. */
  readonly inputs: readonly string[];
  /** Undefined when only findings are wanted. */
  readonly output: FileWriter | undefined;
  readonly findings: FindingsFile | undefined;
  readonly stop: AbortSignal;
  readonly progress: Progress;
  /** Told of an input that could not be read to its end; the others go on. */
  readonly onFailure: (message: string) => void;
}

/**
 * Runs to the end of all inputs. Each chunk is written before the next is read, so memory stays bounded and a slow
 * reader slows us down.
 * @returns quietly when the reader closes the pipe
 * @throws the system's error when the output can't be written
 */
export async function redactFiles(options: RedactFilesOptions): Promise<void> {
  const { redaction, inputs, output, findings, stop, progress, onFailure } = options;
  let source = '';
  const stream = redaction.openStream(() => source, findings?.add);
  const emit = async (bytes: Buffer): Promise<void> => {
    // Findings first: whoever sees a redacted line can look up why.
    await findings?.flush();
    await output?.write(bytes);
  };
  try {
    for (const name of inputs) {
      if (stop.aborted) break;
      source = name === '-' ? 'stdin' : name;
      try {
        for await (const chunk of readInput(source, openInput(name), stop)) {
          await emit(stream.push(chunk));
          progress.update(source, redaction.tally.bytesIn, redaction.tally.findings);
        }
      } catch (error) {
        if (!(error instanceof LogveilError)) throw error;
        onFailure(error.message);
      }
      await emit(stream.end());
    }
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  } finally {
    progress.clear();
  }
}
