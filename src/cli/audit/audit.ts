/** The course of an audit on the command line: what was asked for is searched, told and written, and what went wrong is not hidden. */
import { isatty } from 'node:tty';
import { AuditRun } from '../../app/audit/auditRun.ts';
import { AuditTally } from '../../app/audit/auditTally.ts';
import type { Checkpoint } from '../../app/audit/checkpoint.ts';
import { type Document, documentOf, ruleFacts } from '../../app/audit/document.ts';
import type { Executor } from '../../app/audit/executor.ts';
import { openStream } from '../../app/audit/streams.ts';
import { writeWhole } from '../../app/audit/wholeFile.ts';
import { Redaction } from '../../app/redaction.ts';
import type { Listed } from '../../audit/listing.ts';
import type { AuditValue } from '../../audit/result.ts';
import type { RuleFacts } from '../../audit/scan.ts';
import type { Config } from '../../config/schema.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { STDERR_FD, STDOUT_FD } from '../../descriptors.ts';
import { IoError } from '../../errors.ts';
import type { RuleSet } from '../../rules/ruleSet.ts';
import { takeExclusively } from '../../sinks/exclusive.ts';
import { BrokenPipe } from '../../sinks/fileWriter.ts';
import type { AuditFlags, AuditOptions } from '../auditFlags.ts';
import { EXIT_CODES, type ExitCode } from '../exitCodes.ts';
import type { Comparison } from './comparison.ts';
import { filesToAudit } from './files.ts';
import { Notices } from './notices.ts';
import { AuditOutput } from './output.ts';
import { openCheckpoint, rangeBytes } from './resume.ts';
import { openExecutor, openScanner, type SearchInput } from './search.ts';
import type { AuditServices } from './services.ts';
import { writeAuditSummary } from './summary.ts';

export interface AuditInput {
  readonly flags: AuditFlags;
  readonly config: Config;
  readonly settings: RedactionSettings;
  readonly options: AuditOptions;
  readonly ruleSet: RuleSet;
  readonly comparison: Comparison | undefined;
  /** What is asked of Cal.com; undefined where nothing is. */
  readonly services: AuditServices | undefined;
  readonly stop: AbortSignal;
}

/** One audit, from listing its files to its exit code. */
export class Audit {
  readonly #input: AuditInput;
  readonly #rules: readonly RuleFacts[];
  readonly #redaction: Redaction;
  readonly #notices: Notices;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #tally: AuditTally;
  /** Two audits that keep one state would each go on with the other's. */
  readonly #releaseState: () => void;
  readonly #output: AuditOutput;
  /** Listed by an interrupted run; undefined when they are still to be listed. */
  #files: readonly Listed[] | undefined;

  /** @throws UsageError, IoError */
  constructor(input: AuditInput) {
    const { flags, config, settings, options, ruleSet, comparison } = input;
    this.#input = input;
    this.#rules = ruleFacts(ruleSet, settings);
    this.#redaction = new Redaction(settings, ruleSet);
    this.#notices = new Notices(config.logLevel);
    for (const warning of this.#redaction.warnings) this.#notices.warning(warning);
    const { log, failures } = this.#notices;
    const baseline = comparison?.baseline;
    const rulesDigest = this.#redaction.digest;
    this.#checkpoint = openCheckpoint({ flags, options, settings, rulesDigest, baseline, log });
    const hasNone = flags.state === undefined || this.#checkpoint === undefined;
    this.#releaseState = hasNone ? () => {} : takeExclusively(flags.state as string);
    const left = flags.resume === true ? this.#checkpoint?.read() : undefined;
    this.#files = left?.files;
    failures.push(...(left?.state.failures ?? []));
    this.#tally = new AuditTally(this.#rules, options, left?.state);
    this.#output = new AuditOutput(flags, options.maxFindings, left?.state.output);
    if (left === undefined) return;
    const counts = { files: left.files.length, done: left.state.position.index };
    log.info('going on with an interrupted audit', counts);
  }

  async run(): Promise<ExitCode> {
    let executor: Executor | undefined;
    try {
      const files = this.#files ?? this.#list();
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      executor = await openExecutor(this.#search, this.#input.flags.queue, bytes);
      this.#tellProgress(files, executor);
      const isWhole = await this.#notices.orFailure(() => this.#searchAll(files, executor as Executor));
      if (isWhole === false) this.#save();
      this.#tellWhatIsMissing();
      this.#notices.end();
      return await this.#conclude(executor.workers, isWhole);
    } catch (error) {
      if (error instanceof BrokenPipe) return EXIT_CODES.done;
      // The summary must tell of an output that could not be written; anything else is a bug.
      if (!(error instanceof IoError)) throw error;
      this.#notices.failure(error.message);
      this.#notices.incomplete();
      return EXIT_CODES.failed;
    } finally {
      this.#notices.end();
      await executor?.close();
      await this.#input.services?.close();
      this.#output.close();
      this.#releaseState();
    }
  }

  get #search(): SearchInput {
    const { settings, options, comparison, services, stop } = this.#input;
    const keys = services?.keys;
    const redaction = this.#redaction;
    const { log } = this.#notices;
    const baseline = comparison?.baseline;
    return { settings, options, redaction, rules: this.#rules, baseline, log, stop, keys };
  }

  #list(): readonly Listed[] {
    const { options, flags, config } = this.#input;
    const others = [config.summary, flags.writeBaseline, flags.state];
    const files = filesToAudit(options, flags, this.#output.fd, others);
    this.#checkpoint?.begin(files);
    return files;
  }

  /** @returns whether it came to its end; false when it was stopped */
  async #searchAll(files: readonly Listed[], executor: Executor): Promise<boolean> {
    const { options, stop } = this.#input;
    const { startedMs, aggregate, coverage, anomalies, position } = this.#tally;
    const notices = this.#notices;
    const run = new AuditRun({
      files,
      executor,
      searchStream: (part) => openStream(openScanner(this.#search), part, stop),
      scan: options.scan,
      startedMs,
      rangeBytes: rangeBytes(),
      aggregate,
      coverage,
      anomalies,
      output: this.#output.findings,
      position,
      stop,
      onFile: (entry) => notices.file(entry, coverage.isGap(entry.state)),
      onEngineFailure: (name) => notices.engineFailure(name),
      onPart: async () => {
        if (this.#checkpoint?.isDue) this.#save();
      },
    });
    const isDone = await run.run();
    if (!isDone) notices.failure('the audit was stopped before its end');
    await this.#output.findings?.flush();
    return isDone;
  }

  /** What is written must be on the disk before the state says so. */
  #save(): void {
    if (this.#checkpoint === undefined) return;
    this.#output.sync();
    this.#checkpoint.write(this.#tally.state(this.#output.findings, this.#notices.failures));
  }

  #tellProgress(files: readonly Listed[], executor: Executor): void {
    const { flags } = this.#input;
    const { position, coverage, aggregate } = this.#tally;
    const allBytes = files.reduce((sum, { kind, size }) => sum + (kind === 'file' ? size : 0), 0);
    const readBefore = coverage.bytes.read;
    const isTerminal = process.stderr.isTTY === true && (flags.output !== '-' || !isatty(STDOUT_FD));
    const mode = isTerminal ? 'terminal' : flags.progress === true ? 'plain' : 'none';
    this.#notices.begin(mode, () => ({
      files: position.index,
      allFiles: files.length,
      bytes: readBefore + executor.bytesRead,
      allBytes,
      findings: aggregate.findings,
    }));
  }

  #tellWhatIsMissing(): void {
    const { linesWithheld } = this.#tally.anomalies;
    if (linesWithheld > 0) this.#notices.failure(`${linesWithheld} lines could not be looked at`);
    const notWritten = this.#output.findings?.notWritten ?? 0;
    if (notWritten > 0)
      this.#notices.warning(`${notWritten} findings are counted, and not written: more than --max-findings`);
  }

  /** @param isWhole undefined when findings could not be written: half a list is none, nothing goes behind it */
  async #conclude(workers: number, isWhole: boolean | undefined): Promise<ExitCode> {
    const { flags, config, comparison, services } = this.#input;
    const { aggregate } = this.#tally;
    const notices = this.#notices;
    const plain = this.#document(workers);
    const compared = comparison?.compare(plain, aggregate.values);
    const values = (): Iterable<AuditValue> => aggregate.values.result(this.#rules);
    const liveChecks = await services?.checkLive(values(), plain, notices);
    const document: Document = {
      ...plain,
      ...(compared !== undefined && { diff: compared.diff }),
      ...(liveChecks !== undefined && { liveChecks }),
    };
    if (isWhole !== undefined) {
      const added = compared?.added;
      await notices.orFailure(() => this.#output.write({ document, aggregate, rules: this.#rules, added }));
    }
    if (flags.writeBaseline !== undefined && comparison !== undefined) {
      this.#writeBaseline(flags.writeBaseline, comparison);
    }
    if (isWhole) this.#checkpoint?.remove();
    const isReviewed = (await services?.review(values(), document, notices)) ?? true;
    writeAuditSummary(config, this.#redaction.summary(notices.failures), document, STDERR_FD);
    if (notices.failures.length > 0) {
      notices.incomplete();
      return EXIT_CODES.failed;
    }
    if (!isReviewed) return EXIT_CODES.failed;
    return aggregate.hasFindingsFrom(flags.failOn) ? EXIT_CODES.found : EXIT_CODES.done;
  }

  #document(workers: number): Document {
    const { flags, settings, options, ruleSet, comparison } = this.#input;
    const { id, startedMs, seconds, resumed, aggregate, coverage, anomalies } = this.#tally;
    const { failures } = this.#notices;
    return documentOf({
      id,
      settings,
      ruleSet,
      rulesDigest: this.#redaction.digest,
      rules: this.#rules,
      scope: options.scope,
      run: {
        started: new Date(startedMs).toISOString(),
        ended: new Date().toISOString(),
        seconds,
        workers,
        distributed: flags.queue !== undefined,
        resumed,
        complete: failures.length === 0,
      },
      aggregate,
      coverage,
      anomalies: { ...anomalies, findingsNotWritten: this.#output.findings?.notWritten ?? 0 },
      baseline: comparison?.baseline,
      failures,
    });
  }

  #writeBaseline(path: string, comparison: Comparison): void {
    const { values } = this.#tally.aggregate;
    if (values.findingsNotListed > 0) {
      this.#notices.failure(`${path}: not written: more distinct values than a baseline can hold`);
      return;
    }
    writeWhole(path, [comparison.baselineText(values)], 'the baseline');
  }
}
