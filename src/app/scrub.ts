/** Scrubs one file: searches it, shows what would change, or rewrites it. */
import { closeSync } from 'node:fs';
import { describeIo, IoError } from '../errors.ts';
import type { Severity } from '../findings/finding.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { ContentReader, ContentWriter } from '../scrub/content.ts';
import { FindingsCount } from '../scrub/findingsCount.ts';
import type { Manifest, ReplaceRecord } from '../scrub/manifest.ts';
import {
  type Original,
  openOriginal,
  Refused,
  refuseOpenForWriting,
  type ScrubPolicy,
} from '../scrub/original.ts';
import { Replacement } from '../scrub/replacement.ts';
import { type LineChange, LineChanges } from './lineChanges.ts';
import type { Redaction } from './redaction.ts';

export interface ScrubOptions {
  readonly redaction: Redaction;
  readonly ruleSet: RuleSet;
  readonly policy: ScrubPolicy;
  /** False for a dry run. */
  readonly isWritten: boolean;
  /** Whether only some values are meant, and findings that stay are no failure. */
  readonly isSelective: boolean;
  /** How many changed lines are shown of each file; 0 for none. */
  readonly shownLines: number;
  readonly manifest: Manifest | undefined;
  readonly stop: AbortSignal;
  /** Told of the bytes searched so far, now and then. */
  readonly onProgress: (path: string, bytes: number) => void;
}

/** What became of a file, or would. */
export interface ScrubOutcome {
  readonly path: string;
  readonly state: 'unchanged' | 'would-change' | 'replaced' | 'failed';
  /** Why it failed or was refused. */
  readonly reason?: string;
  readonly changed: number;
  readonly kept: number;
  readonly byRule: Readonly<Record<string, number>>;
  readonly linesChanged: number;
  readonly shown: readonly LineChange[];
  /** What could not be checked or kept. */
  readonly notes: readonly string[];
  /** Most severe of the values found, or, after writing, of those that stay. */
  readonly worst: Severity | undefined;
}

/** What looking at a file gave. */
interface Pass {
  readonly count: FindingsCount;
  readonly linesChanged: number;
  /** Whether the end was reached. */
  readonly isWhole: boolean;
}

export class Scrubber {
  readonly #options: ScrubOptions;
  readonly #changes: LineChanges;

  constructor(options: ScrubOptions) {
    this.#options = options;
    this.#changes = new LineChanges(options.redaction, options.ruleSet);
  }

  /**
   * Scrubs a file. Whatever goes wrong with it is told in the outcome, and it is as it was.
   * @throws IoError when the manifest can't be written
   */
  async scrub(path: string): Promise<ScrubOutcome> {
    const { policy, isWritten, manifest } = this.#options;
    let original: Original | undefined;
    try {
      original = openOriginal(path, policy, isWritten);
      const outcome = await this.#scrubOpen(path, original);
      if (outcome.state === 'unchanged') manifest?.add({ event: 'unchanged', path });
      return outcome;
    } catch (error) {
      if (error instanceof IoError) throw error;
      const isSystem = error instanceof Error && 'syscall' in error;
      if (!(error instanceof Refused) && !isSystem) throw error;
      const reason = isSystem ? `it can't be rewritten: ${describeIo(error)}` : error.message;
      manifest?.add({ event: isSystem ? 'failed' : 'refused', path, reason });
      return { ...NOTHING, path, state: 'failed', reason };
    } finally {
      if (original !== undefined) closeSync(original.fd);
    }
  }

  async #scrubOpen(path: string, original: Original): Promise<ScrubOutcome> {
    const { policy, isWritten, isSelective, shownLines, stop } = this.#options;
    const reader = new ContentReader(original.fd, policy.force, stop);
    const search = await this.#search(path, reader, isWritten);
    const { count, linesChanged } = search;
    const { changed, kept, byRule } = count;
    const found = { path, changed, kept, byRule, linesChanged, notes: original.notes };
    if (linesChanged === 0) {
      if (changed + kept > 0 && !isSelective) {
        throw new Refused(
          `it has ${changed + kept} findings, and none of them changes a byte: they are in JSON keys ` +
            '(`jsonKeys: redact`), or their action is `keep`',
        );
      }
      return { ...NOTHING, ...found, state: 'unchanged', worst: count.worst(false) };
    }
    if (!isWritten) {
      const shown = shownLines > 0 ? await this.#changes.of(reader, count.lines) : [];
      return { ...found, state: 'would-change', shown, worst: count.worst(false) };
    }
    return this.#rewrite(path, original, reader);
  }

  /** @param stopsAtChange whether the first change is enough to know */
  async #search(path: string, reader: ContentReader, stopsAtChange: boolean): Promise<Pass> {
    return this.#pass(path, reader, async (_, changes) => !(stopsAtChange && changes > 0));
  }

  async #rewrite(path: string, original: Original, reader: ContentReader): Promise<ScrubOutcome> {
    const { manifest, policy } = this.#options;
    await reader.test();
    const replacement = new Replacement(original);
    let writer: ContentWriter | undefined;
    try {
      const taker = new ContentWriter(reader, (bytes) => replacement.write(bytes));
      writer = taker;
      const { count, linesChanged } = await this.#pass(path, reader, async (bytes) => {
        await taker.add(bytes);
        return true;
      });
      await taker.end();
      const before = reader.digest;
      const after = taker.digest;
      if (before.sha256 === after.sha256)
        throw new Refused('nothing of it changed though something was found');
      await taker.verify(replacement.written());
      const notKept = replacement.finish();
      // A writer may have come while it was rewritten.
      if (!policy.force) refuseOpenForWriting(original.stats);
      const { changed, kept, byRule } = count;
      const record: Omit<ReplaceRecord, 'event'> = {
        path,
        sha256Before: before.sha256,
        sha256After: after.sha256,
        bytesBefore: before.bytes,
        bytesAfter: after.bytes,
        linesChanged,
        valuesChanged: changed,
        valuesKept: kept,
        byRule,
        notKept,
      };
      manifest?.add({ event: 'replacing', ...record });
      replacement.commit();
      manifest?.add({ event: 'replaced', ...record });
      return {
        ...{ path, state: 'replaced' as const, changed, kept, byRule, linesChanged, shown: [] },
        notes: [...original.notes, ...notKept.map((what) => `not kept: ${what}`)],
        worst: count.worst(true),
      };
    } finally {
      writer?.abort();
      replacement.abandon();
    }
  }

  /**
   * Redacts the content from its start.
   * @param take gets redacted bytes and how many lines were changed so far; false ends the pass
   * @throws Refused when stopped, or when a line could not be looked at
   */
  async #pass(
    path: string,
    reader: ContentReader,
    take: (bytes: Buffer, linesChanged: number) => Promise<boolean>,
  ): Promise<Pass> {
    const { redaction, shownLines, stop, onProgress } = this.#options;
    const { tally } = redaction;
    const count = new FindingsCount(shownLines);
    const stream = redaction.openStream(() => path, count.add);
    const linesBefore = tally.linesChanged;
    const withheldBefore = tally.anomalies.linesWithheld + tally.anomalies.linesPassedOnError;
    let isWhole = true;
    for await (const chunk of reader.chunks()) {
      isWhole = await take(stream.take(chunk), tally.linesChanged - linesBefore);
      onProgress(path, chunk.length);
      if (!isWhole) break;
    }
    if (isWhole) await take(stream.end(), tally.linesChanged - linesBefore);
    if (stop.aborted) throw new Refused('stopped before its end; it is as it was');
    // A line that could not be looked at would be withheld, and so be gone.
    const { linesWithheld, linesPassedOnError } = tally.anomalies;
    if (linesWithheld + linesPassedOnError > withheldBefore) {
      throw new Refused('lines of it could not be looked at; it is left as it is');
    }
    return { count, linesChanged: tally.linesChanged - linesBefore, isWhole };
  }
}

const NOTHING = {
  changed: 0,
  kept: 0,
  byRule: {},
  linesChanged: 0,
  shown: [],
  notes: [],
  worst: undefined,
} as const;
