/** What goes between the main thread and those that redact blocks for it. */
import type { RedactionSettings } from '../../config/settings.ts';
import type { SharedKey } from '../../findings/fingerprint.ts';
import type { TallyPart } from '../../findings/summary.ts';
import type { LinePlace } from '../../scan/lineWriter.ts';

/** What a thread needs to begin. */
export interface ThreadStart {
  readonly settings: Omit<RedactionSettings, 'key'>;
  readonly key: SharedKey;
  /** Whether findings are wanted one by one, and whether distinct values are counted. */
  readonly wantsFindings: boolean;
  readonly isCounted: boolean;
}

/** Its first message: what it looks for, which must be what the main thread does. */
export interface ThreadReady {
  readonly identity: string;
}

/** Whole lines to redact, save for a part of a line that is too long to be gathered, or the last of a source. */
export interface Block {
  readonly bytes: Uint8Array;
  readonly source: string;
  /** Of the block's first line. */
  readonly place: LinePlace;
  /** Whether it goes on with what the thread's last block left open; else that was another stream's and is forgotten. */
  readonly continues: boolean;
  /** Nothing of the source follows. */
  readonly isLast: boolean;
}

export interface BlockDone {
  readonly output: Uint8Array;
  /** JSON lines without the last line end, and how many; empty when none are wanted. */
  readonly findings: string;
  readonly findingCount: number;
  readonly tally: TallyPart;
  /** Whether what follows begins a line that stands for itself. */
  readonly isAtRest: boolean;
  /** The first error of the stream, as far as it may be shown; see telemetry/codeFrames. */
  readonly failure: { readonly name: string; readonly frames: string } | undefined;
}
