/**
 * Follows files and hands their redacted lines to an output. One loop: look at the file system, read a chunk of each
 * file, write a checkpoint; each step can be called by itself, so that tests drive the same code.
 *
 * Invariant: a checkpoint never passes what the output has accepted, and when the output has a position of its own, both
 * are of the same moment.
 */
import { randomBytes } from 'node:crypto';
import type { LiveRedaction } from '../app/liveRedaction.ts';
import { IoError, LogveilError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { CaughtCount, StageError } from '../pipeline/errorCatcher.ts';
import type { StageFigures } from '../pipeline/stages.ts';
import type { Output } from '../sinks/output.ts';
import { Fingerprinter } from '../sources/fingerprint.ts';
import { CHECKPOINT_SCHEMA } from '../state/checkpoint.ts';
import type { CheckpointStore } from '../state/checkpointStore.ts';
import { Follower, type FollowerOptions } from './follower.ts';
import type { Lane } from './lane.ts';
import { OutputFailure } from './outputFailure.ts';
import type { FilePlace } from './places.ts';
import type { Segment } from './segment.ts';
import { TailStages } from './stages.ts';
import { StreamPool } from './streamPool.ts';
import type { FollowerLog } from './succession.ts';

export interface TailOptions extends FollowerOptions {
  readonly redaction: LiveRedaction;
  readonly output: Output;
  readonly store: CheckpointStore | undefined;
  readonly onFinding: ((finding: Finding) => void) | undefined;
  readonly log: FollowerLog & { error(message: string): void };
  /** Told of a stage that failed. */
  readonly onStageError: (error: StageError) => void;
  /** How often the file system is looked at, and checkpoints are written; in milliseconds. */
  readonly scanMs: number;
  readonly checkpointMs: number;
  readonly now?: () => number;
}

interface Handed {
  readonly number: number;
  readonly lane: Lane;
  readonly place: FilePlace;
}

const SALT_BYTES = 32;
/** A file that can't be read now is tried again after so long. */
const RETRY_MS = 1_000;

export class Tail {
  readonly #options: TailOptions;
  readonly #follower: Follower;
  readonly #salt: string;
  readonly #isRestored: boolean;
  /** What was handed over and not accepted yet. */
  #handed: Handed[] = [];
  #number = 0;
  #scannedAt = Number.NEGATIVE_INFINITY;
  #savedAt: number;
  #isChanged = true;
  readonly #retryAt = new WeakMap<Lane, number>();
  readonly #now: () => number;
  readonly #restore: () => void;
  readonly #stages: TailStages;
  /** Bytes given to the output. */
  bytesOut = 0;
  checkpoints = 0;

  /** @throws IoError when the checkpoint can't be read */
  constructor(options: TailOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.#savedAt = this.#now();
    const loaded = options.store?.load();
    const checkpoint = loaded?.kind === 'checkpoint' ? loaded.checkpoint : undefined;
    this.#isRestored = checkpoint !== undefined;
    this.#salt = checkpoint?.salt ?? randomBytes(SALT_BYTES).toString('hex');
    let { from } = options;
    if (loaded?.kind === 'corrupt') {
      // What was read is not known any more: rather again than never.
      from = 'start';
      options.log.error(
        `the checkpoint is damaged, set aside as ${loaded.asidePath}; all files are read from their start, so lines may come twice`,
      );
    }
    this.#options = { ...options, from };
    this.#stages = new TailStages(options.onStageError);
    const fingerprinter = new Fingerprinter(Buffer.from(this.#salt, 'hex'));
    const pool = new StreamPool(options.redaction, options.onFinding !== undefined);
    this.#follower = new Follower(this.#options, this.#host(), pool, fingerprinter, options.log);
    this.#restore = () => {
      if (checkpoint?.output !== undefined) options.output.recover?.(checkpoint.output);
      this.#follower.restore(checkpoint?.lanes ?? []);
    };
  }

  /** Takes up what an earlier run has left, and looks at all paths. */
  async start(): Promise<void> {
    this.#restore();
    await this.#scan();
    // Before the first line: should this run be killed, the next one cuts the output here.
    this.#isChanged ||= !this.#isRestored;
    this.save();
  }

  stages(): StageFigures[] {
    return this.#stages.figures();
  }

  caught(): CaughtCount[] {
    return this.#stages.caught();
  }

  get files(): number {
    return this.#follower.lanes.size;
  }

  /** Bytes that are read and wait in memory for what belongs to them. */
  get heldBytes(): number {
    let bytes = 0;
    for (const lane of this.#follower.lanes.values()) bytes += lane.heldBytes;
    return bytes;
  }

  /** Writes that the output has not accepted yet. */
  get queued(): number {
    return this.#number - this.#options.output.accepted;
  }

  /**
   * Reads a chunk of each file, if there is one, and does what is due.
   * @param isHurried whether to look at the file system now
   * @returns whether anything was read
   * @throws BrokenPipe, IoError when the output takes nothing any more
   */
  async step(isHurried = false): Promise<boolean> {
    const now = this.#now();
    if (isHurried || now - this.#scannedAt >= this.#options.scanMs) await this.#scan();
    let isBusy = false;
    for (const lane of [...this.#follower.lanes.values()]) {
      if ((this.#retryAt.get(lane) ?? 0) > now) continue;
      isBusy = (await this.#pump(lane)) || isBusy;
    }
    this.#takeAccepted();
    await this.#rotateOutput();
    if (this.#now() - this.#savedAt >= this.#options.checkpointMs) this.save();
    return isBusy;
  }

  /** Reads all that is there now. */
  async drain(stop: AbortSignal): Promise<void> {
    await this.#scan();
    while (!stop.aborted && (await this.step()));
  }

  /**
   * Ends in good order: waits until the output has accepted what it was given.
   * @param stop ends the waiting
   */
  async finish(stop: AbortSignal): Promise<void> {
    // With a checkpoint the next run goes on in the middle of a line; without one nobody would.
    if (this.#options.store === undefined) {
      for (const lane of this.#follower.lanes.values()) await lane.end();
    }
    await this.leave(stop);
  }

  /** Ends where it is: waits for what the output was given, and writes the last checkpoint. */
  async leave(stop: AbortSignal): Promise<void> {
    await this.#options.output.drain(stop);
    this.#takeAccepted();
    this.save();
    this.close();
  }

  /** Closes the files; for a run that ends without being able to finish, too. */
  close(): void {
    this.#follower.close();
  }

  /** Writes a checkpoint, unless nothing has changed. Never throws: the output goes on, and the next one may be written. */
  save(): void {
    const { store, output } = this.#options;
    this.#savedAt = this.#now();
    if (store === undefined || !this.#isChanged) return;
    const lanes = [...this.#follower.lanes.values()];
    try {
      this.#stages.save(() => {
        const position = output.settle();
        // The output holds lines that no place stands for: cut there, they would be lost or come twice.
        if (position !== undefined && lanes.some(({ isDirty }) => isDirty)) return;
        store.save({
          schema: CHECKPOINT_SCHEMA,
          salt: this.#salt,
          written: new Date().toISOString(),
          ...(position && { output: position }),
          lanes: lanes.map((lane) => this.#follower.record(lane)),
        });
        this.#isChanged = false;
        this.checkpoints++;
      });
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      this.#options.log.error(`${error.message}; after a crash lines since the last one come again`);
    }
  }

  /** Opens the output file anew, between two checkpoints. */
  reopenOutput(): void {
    const { output } = this.#options;
    this.save();
    output.reopen?.();
    this.#isChanged = true;
    this.save();
  }

  async #rotateOutput(): Promise<void> {
    const { output } = this.#options;
    if (output.wantsRotation !== true) return;
    this.#isChanged = true;
    this.save();
    output.rotate?.();
    this.#isChanged = true;
    this.save();
  }

  async #scan(): Promise<void> {
    this.#scannedAt = this.#now();
    // What is beside a new path is known as old from the first checkpoint on.
    if (!(await this.#stages.look(() => this.#follower.scan()))) return;
    this.#isChanged = true;
    this.save();
  }

  async #pump(lane: Lane): Promise<boolean> {
    try {
      return await lane.pump();
    } catch (error) {
      if (error instanceof OutputFailure) throw error.cause;
      if (!(error instanceof IoError)) throw error;
      this.#options.log.error(`${error.message}; tried again`);
      this.#retryAt.set(lane, this.#now() + RETRY_MS);
      return false;
    }
  }

  #host(): ConstructorParameters<typeof Follower>[1] {
    return {
      emit: (lane, bytes, place) => this.#emit(lane, bytes, place),
      finding: (finding) => this.#options.onFinding?.(finding),
      look: (lane) => this.#follower.look(lane),
      failed: (_lane: Lane, segment: Segment, reason: string) =>
        this.#options.log.error(`${segment.path}: not followed: ${reason}`),
      stages: this.#stages,
      now: () => this.#now(),
    };
  }

  async #emit(lane: Lane, bytes: Buffer, place: FilePlace | undefined): Promise<void> {
    const { output } = this.#options;
    if (bytes.length > 0) {
      this.#number++;
      this.bytesOut += bytes.length;
      try {
        await this.#stages.write(bytes.length, () => output.write(bytes, this.#number, lane.path));
      } catch (error) {
        throw new OutputFailure('the output failed', { cause: error });
      }
    }
    if (place === undefined) return;
    this.#handed.push({ number: this.#number, lane, place });
    this.#takeAccepted();
  }

  /** What the output has accepted need not be read again. */
  #takeAccepted(): void {
    const { accepted } = this.#options.output;
    let count = 0;
    for (const { number, lane, place } of this.#handed) {
      if (number > accepted) break;
      count++;
      this.#isChanged = true;
      this.#follower.settled(lane, lane.accept(place));
    }
    if (count > 0) this.#handed = this.#handed.slice(count);
  }
}
