/** The audit: searches files and folders, and changes nothing. */
import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, fstatSync, openSync, type Stats, statSync, truncateSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isatty } from 'node:tty';
import { AuditRun, RANGE_BYTES } from '../app/audit/auditRun.ts';
import { type AuditState, Checkpoint } from '../app/audit/checkpoint.ts';
import { configDigest, type Document, documentOf, ruleFacts } from '../app/audit/document.ts';
import { type Executor, OwnThread } from '../app/audit/executor.ts';
import { FindingsOutput } from '../app/audit/findingsOutput.ts';
import { PartScanner } from '../app/audit/partScanner.ts';
import { openStream } from '../app/audit/streams.ts';
import { Threads } from '../app/audit/threads.ts';
import { writeWhole } from '../app/audit/wholeFile.ts';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { Aggregate, type Example } from '../audit/aggregate.ts';
import { CoverageTally } from '../audit/coverageTally.ts';
import { CSV_HEADER } from '../audit/csv.ts';
import type { Baseline } from '../audit/earlier.ts';
import { jsonDocument } from '../audit/jsonDocument.ts';
import { type Listed, listFiles } from '../audit/listing.ts';
import { printable } from '../audit/printable.ts';
import { AuditProgress } from '../audit/progress.ts';
import type { AuditResult, FileEntry } from '../audit/result.ts';
import { sarif } from '../audit/sarif.ts';
import type { RuleFacts } from '../audit/scan.ts';
import { textReport } from '../audit/textReport.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type RedactionSettings, toRedactionSettings } from '../config/settings.ts';
import { STDERR_FD, STDOUT_FD } from '../descriptors.ts';
import { describeIo, IoError, UsageError } from '../errors.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { takeExclusively } from '../sinks/exclusive.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { openOwnerOnly } from '../sinks/ownerOnly.ts';
import { paintFor, plainPaint } from '../telemetry/colour.ts';
import { Log } from '../telemetry/log.ts';
import { type AuditFlags, type AuditOptions, auditOptions } from './auditFlags.ts';
import { writeAuditSummary } from './auditSummary.ts';
import { isSameFile, refuseOverwriting, refuseSharing } from './checks.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { settingsOf } from './flags.ts';

/** Files that are not looked into are named up to this number; the document has more of them. */
const MOST_NAMED = 1000;
/** Why a file is passed over that nobody misses. */
const QUIET: ReadonlySet<string> = new Set(['this audit writes it', 'it is listed already']);
/** Less is searched before threads have begun. */
const LEAST_FOR_THREADS = 16 * 1024 * 1024;

/** @throws UsageError, ProblemsError, IoError */
export async function runAudit(paths: readonly string[], flags: AuditFlags): Promise<ExitCode> {
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  // An audit finds, it changes nothing: every finding says `keep`.
  const settings = { ...toRedactionSettings(config, process.env), action: 'keep' as const };
  const outputs = [flags.output, config.summary, flags.writeBaseline];
  refuseOverwriting(outputs, [
    ...paths,
    ...[flags.baseline, flags.diff].filter((path) => path !== undefined),
  ]);
  refuseSharing(outputs);
  const options = auditOptions(paths, flags, Date.now());
  const stop = stopOnSignals();
  const ruleSet = await openRuleSet(settings.rules);
  const audit = new Audit({ flags, config, settings, options, ruleSet, stop });
  return audit.run();
}

interface AuditInput {
  readonly flags: AuditFlags;
  readonly config: Config;
  readonly settings: RedactionSettings;
  readonly options: AuditOptions;
  readonly ruleSet: RuleSet;
  readonly stop: AbortSignal;
}

/** Where findings go, and what gives it free. */
interface Output {
  readonly fd: number;
  readonly release: () => void;
}

class Audit {
  readonly #input: AuditInput;
  readonly #log: Log;
  readonly #rules: readonly RuleFacts[];
  readonly #startedAt = performance.now();
  readonly #failures: string[] = [];
  #state: AuditState | undefined;
  #files: Listed[] = [];
  #named = 0;
  #filesDone = 0;
  #progress: AuditProgress | undefined;
  #engineFailures = 0;

  constructor(input: AuditInput) {
    this.#input = input;
    this.#log = new Log(input.config.logLevel ?? 'warn', process.stderr.isTTY === true);
    this.#rules = ruleFacts(input.ruleSet, input.settings);
  }

  async run(): Promise<ExitCode> {
    const { flags, settings, options } = this.#input;
    const earlier =
      flags.baseline !== undefined || flags.diff !== undefined || flags.writeBaseline !== undefined
        ? await import('../audit/earlier.ts')
        : undefined;
    const baseline =
      flags.baseline === undefined ? undefined : earlier?.readBaseline(flags.baseline, settings.key.id);
    const old = flags.diff === undefined ? undefined : earlier?.readAudit(flags.diff, settings.key.id);
    const redaction = new Redaction(settings, this.#input.ruleSet);
    for (const warning of redaction.warnings) this.#log.warn(warning);
    const checkpoint = this.#checkpoint(baseline, redaction.digest);
    const output = this.#openOutput();
    const anomalies = {
      linesWithheld: 0,
      longLines: 0,
      blocksWithoutEnd: 0,
      matchesInKeys: 0,
      ...this.#state?.anomalies,
    };
    const aggregate = new Aggregate(this.#rules, options, this.#state?.aggregate);
    const coverage = new CoverageTally(options.scan.binary, this.#state?.coverage);
    this.#failures.push(...(this.#state?.failures ?? []));
    const writer = new FileWriter(output.fd);
    const findings =
      options.scan.listing === 'none' ? undefined : new FindingsOutput(writer, options.maxFindings);
    if (findings !== undefined && this.#state !== undefined) Object.assign(findings, this.#state.output);
    const id = this.#state?.id ?? randomUUID();
    const startedMs = this.#state?.startedMs ?? Date.now();
    const position = this.#state?.position ?? { index: 0, file: undefined, sources: 0, lastSource: '' };
    let executor: Executor | undefined;
    try {
      if (this.#state === undefined) this.#list(output, checkpoint);
      executor = await this.#openExecutor(redaction, baseline);
      const isTerminal = process.stderr.isTTY === true && (flags.output !== '-' || !isatty(STDOUT_FD));
      const mode = isTerminal ? 'terminal' : flags.progress === true ? 'plain' : 'none';
      const { bytesRead: _, ...counts } = this.#counts(executor);
      const working = executor;
      this.#progress = new AuditProgress(mode, () => ({
        ...counts,
        ...this.#counts(working),
        findings: aggregate.findings,
      }));
      if (flags.format === 'csv' && findings?.bytes === 0) findings.text(CSV_HEADER);
      const stateNow = (): AuditState => ({
        id,
        startedMs,
        seconds: this.#seconds,
        resumed: this.#state?.resumed ?? 0,
        position,
        output: {
          bytes: findings?.bytes ?? 0,
          written: findings?.written ?? 0,
          notWritten: findings?.notWritten ?? 0,
        },
        anomalies,
        failures: this.#failures,
        aggregate: aggregate.state,
        coverage: coverage.state,
      });
      const run = new AuditRun({
        files: this.#files,
        executor,
        searchStream: (part) => openStream(this.#scanner(redaction, baseline), part, this.#input.stop),
        scan: options.scan,
        startedMs,
        rangeBytes: rangeBytes(),
        aggregate,
        coverage,
        anomalies,
        output: findings,
        position,
        stop: this.#input.stop,
        onFile: (entry) => this.#onFile(entry, coverage.isGap(entry.state)),
        onEngineFailure: (name) => {
          if (this.#engineFailures++ === 0) this.#log.error(`lines could not be looked at: ${name}`);
        },
        onPart: async () => {
          if (checkpoint?.isDue) this.#save(checkpoint, output, stateNow());
        },
      });
      const isWhole = await this.#orReport(async () => {
        const isDone = await run.run();
        if (!isDone) this.#report('the audit was stopped before its end');
        await findings?.flush();
        return isDone;
      });
      if (isWhole === false && checkpoint !== undefined) this.#save(checkpoint, output, stateNow());
      if (anomalies.linesWithheld > 0)
        this.#report(`${anomalies.linesWithheld} lines could not be looked at`);
      if ((findings?.notWritten ?? 0) > 0) {
        this.#log.warn(
          `${findings?.notWritten} findings are counted, and not written: more than --max-findings`,
        );
      }
      this.#progress.end();
      const document = documentOf({
        id,
        settings,
        ruleSet: this.#input.ruleSet,
        rulesDigest: redaction.digest,
        rules: this.#rules,
        scope: options.scope,
        run: {
          started: new Date(startedMs).toISOString(),
          ended: new Date().toISOString(),
          seconds: this.#seconds,
          workers: executor.workers,
          distributed: flags.queue !== undefined,
          resumed: this.#state?.resumed ?? 0,
          complete: this.#failures.length === 0,
        },
        aggregate,
        coverage,
        anomalies: { ...anomalies, findingsNotWritten: findings?.notWritten ?? 0 },
        baseline,
        failures: this.#failures,
      });
      const compared = old === undefined ? undefined : earlier?.compare(old, document, aggregate.values);
      const full = compared === undefined ? document : { ...document, diff: compared.diff };
      // Half a list is none: nothing more can be written behind it.
      if (isWhole !== undefined)
        await this.#orReport(() => this.#write(writer, full, aggregate, compared?.added));
      if (flags.writeBaseline !== undefined && earlier !== undefined) {
        if (aggregate.values.findingsNotListed > 0) {
          this.#report(`${flags.writeBaseline}: not written: more distinct values than a baseline can hold`);
        } else {
          writeWhole(
            flags.writeBaseline,
            [earlier.baselineText(settings.key.id, aggregate.values, baseline)],
            'the baseline',
          );
        }
      }
      if (isWhole) checkpoint?.remove();
      return this.#finish(redaction, full, aggregate);
    } catch (error) {
      if (error instanceof BrokenPipe) return EXIT_CODES.done;
      // The summary must tell of an output that could not be written; anything else is a bug.
      if (!(error instanceof IoError)) throw error;
      this.#report(error.message);
      this.#tellIncomplete();
      return EXIT_CODES.failed;
    } finally {
      this.#progress?.end();
      await executor?.close();
      if (output.fd !== STDOUT_FD) closeSync(output.fd);
      output.release();
    }
  }

  /** The summary must tell of an output that could not be written. @returns undefined when that was so */
  async #orReport<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.#report(error.message);
      return undefined;
    }
  }

  get #seconds(): number {
    const before = this.#state?.seconds ?? 0;
    return Number((before + (performance.now() - this.#startedAt) / 1000).toFixed(3));
  }

  #counts(executor: Executor): {
    files: number;
    allFiles: number;
    bytes: number;
    allBytes: number;
    bytesRead: number;
  } {
    const allBytes = this.#files.reduce((sum, { kind, size }) => sum + (kind === 'file' ? size : 0), 0);
    const done = this.#state?.coverage.bytes.read ?? 0;
    const { bytesRead } = executor;
    return {
      files: this.#filesDone,
      allFiles: this.#files.length,
      bytes: done + bytesRead,
      allBytes,
      bytesRead,
    };
  }

  /** Where the state is kept; nowhere for results on a pipe, or under a key that is gone with this run. */
  #checkpoint(baseline: Baseline | undefined, rulesDigest: string): Checkpoint | undefined {
    const { flags, settings, options } = this.#input;
    const path = flags.state ?? (flags.output === '-' ? undefined : `${flags.output}.audit-state`);
    const isPipe = flags.output === '-' && (flags.format === 'jsonl' || flags.format === 'csv');
    const reads = options.listing.paths.includes('-');
    if (flags.resume === true && (path === undefined || isPipe)) {
      throw new UsageError(
        '--resume: expected --output FILE (for text, json and sarif --state FILE does as well)',
      );
    }
    if (
      path === undefined ||
      isPipe ||
      reads ||
      statSync(flags.output, { throwIfNoEntry: false })?.isFile() === false
    )
      return undefined;
    if (settings.key.source === 'random') {
      if (flags.resume === true) {
        this.#log.warn(
          '--resume: without LOGVEIL_KEY or --key-file each run has its own key: the audit begins anew',
        );
      }
      return undefined;
    }
    const { listing, scan, maxValues, maxLocations, maxFindings } = options;
    const asked = {
      listing: { ...listing, changedFromMs: undefined, changedUntilMs: undefined },
      scope: options.scope,
      scan,
      maxValues,
      maxLocations,
      maxFindings,
      format: flags.format,
      rangeBytes: rangeBytes(),
      rules: rulesDigest,
      config: configDigest(settings),
      key: settings.key.id,
      baseline: baseline?.sha256,
    };
    const checkpoint = new Checkpoint(path, asked);
    const left = flags.resume === true ? checkpoint.read() : undefined;
    if (left !== undefined) {
      this.#state = { ...left.state, resumed: left.state.resumed + 1 };
      this.#files = left.files;
      this.#filesDone = left.state.position.index;
      this.#log.info('going on with an interrupted audit', {
        files: left.files.length,
        done: this.#filesDone,
      });
    }
    return checkpoint;
  }

  #openOutput(): Output {
    const { output } = this.#input.flags;
    if (output === '-') return { fd: STDOUT_FD, release: () => {} };
    const isShareable = statSync(output, { throwIfNoEntry: false })?.isFile() === false;
    const release = isShareable ? () => {} : takeExclusively(output);
    try {
      return { fd: this.#state === undefined ? openOwnerOnly(output) : this.#reopen(output), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** What was written after the last state is cut off: it will be written again. */
  #reopen(output: string): number {
    const bytes = this.#state?.output.bytes ?? 0;
    try {
      if (statSync(output).size < bytes) {
        throw new UsageError(
          `${output}: it is shorter than it was when the audit was interrupted; run it again without --resume`,
        );
      }
      truncateSync(output, bytes);
      return openSync(output, 'a');
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new IoError(`${output}: can't be gone on with: ${describeIo(error)}`, { cause: error });
    }
  }

  #list(output: Output, checkpoint: Checkpoint | undefined): void {
    const { options, config, flags } = this.#input;
    const own: Stats[] = [fstatSync(output.fd)];
    for (const path of [config.summary, flags.writeBaseline, flags.state]) {
      const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined) own.push(stats);
    }
    const ownNames = new Set([
      `${flags.output}.lock`,
      `${flags.output}.audit-state`,
      `${flags.output}.audit-state.files`,
    ]);
    const isOwn = (stats: Stats): boolean => own.some((one) => one.isFile() && isSameFile(one, stats));
    this.#files = [...listFiles({ ...options.listing, isOwn })].filter(
      ({ path }) => flags.output === '-' || !ownNames.has(path),
    );
    checkpoint?.begin(this.#files);
  }

  async #openExecutor(redaction: Redaction, baseline: Baseline | undefined): Promise<Executor> {
    const { options, settings, flags, stop } = this.#input;
    const { queue } = flags;
    if (queue !== undefined) {
      if (settings.knownSecrets.length > 0) {
        throw new UsageError(
          '--known-secrets: can not be used with --queue: the values would have to be on each worker',
        );
      }
      const { openQueue } = await import('../app/audit/queue.ts');
      return openQueue({
        url: queue,
        settings,
        rulesDigest: redaction.digest,
        scan: options.scan,
        baseline,
        log: this.#log,
      });
    }
    const bytes = this.#files.reduce((sum, { size }) => sum + size, 0);
    const workers = options.workers ?? (bytes < LEAST_FOR_THREADS ? 1 : availableParallelism());
    if (workers === 1)
      return new OwnThread((onProgress) => this.#scanner(redaction, baseline, onProgress, stop));
    const { key, ...rest } = settings;
    return new Threads(workers, {
      settings: rest,
      key: key.share(),
      identity: redaction.identity,
      scan: options.scan,
      baseline: [...(baseline?.fingerprints ?? [])],
    });
  }

  #scanner(
    redaction: Redaction,
    baseline: Baseline | undefined,
    onProgress?: (bytes: number) => void,
    stop?: AbortSignal,
  ): PartScanner {
    return new PartScanner({
      redaction,
      scan: this.#input.options.scan,
      rules: this.#rules,
      baseline: baseline?.fingerprints ?? new Set(),
      ...(onProgress && { onProgress }),
      ...(stop && { stop }),
    });
  }

  /** What is written must be on the disk before the state says so. */
  #save(checkpoint: Checkpoint, output: Output, state: AuditState): void {
    if (output.fd !== STDOUT_FD) fdatasyncSync(output.fd);
    checkpoint.write(state);
  }

  #onFile(entry: FileEntry, isGap: boolean): void {
    this.#filesDone++;
    const { path, state, reason = '' } = entry;
    const shown = printable(path);
    if (isGap) {
      this.#report(`${shown}: not examined${state === 'partly' ? ' to its end' : ''}: ${printable(reason)}`);
    } else if (state === 'passed-over' && !QUIET.has(reason)) {
      if (this.#named++ < MOST_NAMED) this.#log.warn(`${shown}: passed over: ${reason}`);
    } else if (state === 'filtered') this.#log.info(`${shown}: left out: ${reason}`);
  }

  #report(message: string): void {
    this.#progress?.clear();
    this.#failures.push(message);
    if (this.#failures.length <= MOST_NAMED) this.#log.error(message);
  }

  async #write(
    writer: FileWriter,
    document: Document & Pick<AuditResult, 'diff'>,
    aggregate: Aggregate,
    added: ReadonlySet<string> | undefined,
  ): Promise<void> {
    const { format, output } = this.#input.flags;
    if (format === 'jsonl' || format === 'csv') return;
    for (const piece of this.#pieces(format, document, aggregate, added, output))
      await writer.write(Buffer.from(piece));
  }

  #pieces(
    format: 'text' | 'summary' | 'json' | 'sarif',
    document: Document & Pick<AuditResult, 'diff'>,
    aggregate: Aggregate,
    added: ReadonlySet<string> | undefined,
    output: string,
  ): Generator<string> {
    const values = aggregate.values.result(this.#rules);
    if (format === 'json') return joined(jsonDocument(document, values));
    if (format === 'sarif') return joined(sarif(document, values, added));
    const examples = new Map<string, readonly Example[]>();
    for (const [rule, shown] of aggregate.examples) examples.set(this.#rules[rule]?.id ?? '', shown);
    const paint = output === '-' ? paintFor(STDOUT_FD) : plainPaint;
    return joined(textReport({ result: document, examples, showsExamples: format === 'text' }, paint));
  }

  #finish(redaction: Redaction, document: Document, aggregate: Aggregate): ExitCode {
    const { config, flags } = this.#input;
    writeAuditSummary(config, redaction.summary(this.#failures), document, STDERR_FD);
    if (this.#failures.length > 0) {
      this.#tellIncomplete();
      return EXIT_CODES.failed;
    }
    return aggregate.hasFindingsFrom(flags.failOn) ? EXIT_CODES.found : EXIT_CODES.done;
  }

  #tellIncomplete(): void {
    process.stderr.write('logveil: the audit is not complete, see above\n');
  }
}

const JOINED_CHARACTERS = 64 * 1024;

/** Fewer, larger pieces. */
function* joined(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < JOINED_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Smaller ranges are for tests. */
function rangeBytes(): number {
  const bytes = Number(process.env.LOGVEIL_TEST_RANGE_BYTES);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : RANGE_BYTES;
}
