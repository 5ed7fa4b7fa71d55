/** Finds one person's values in results of audits or in files, and erases them if asked. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type * as PhoneLibrary from 'libphonenumber-js/max';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { SUBJECT_RULE, withSubjectRule } from '../app/subjectRule.ts';
import { SubjectScan } from '../app/subjectScan.ts';
import { listFiles } from '../audit/listing.ts';
import { loadConfig } from '../config/load.ts';
import { type RedactionSettings, toRedactionSettings } from '../config/settings.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Selection } from '../scan/policy.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { writeWhole } from '../sinks/wholeFile.ts';
import { SubjectCollector } from '../subject/collector.ts';
import { type Identity, identify, type Kind } from '../subject/identity.ts';
import type { SubjectResult } from '../subject/result.ts';
import { searchResult } from '../subject/searchResults.ts';
import { paintFor } from '../telemetry/colour.ts';
import { Log } from '../telemetry/log.ts';
import { Progress } from '../telemetry/progress.ts';
import { VERSION } from '../version.ts';
import { refuseOverwriting, refuseSharing } from './checks.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { scrubPaths, type WriteFlags } from './runScrub.ts';
import { readValues } from './secretInput.ts';
import { subjectText } from './subjectText.ts';

export interface SubjectFlags extends RuleFlags, WriteFlags {
  readonly scan?: string[];
  readonly kind?: Kind;
  readonly region?: string;
  readonly tag?: string[];
  readonly value?: string;
  readonly format: 'text' | 'json';
  readonly output: string;
  readonly places: string;
  readonly scrub?: boolean;
  readonly diffLines: string;
}

/** What is asked for, ready to be searched. */
interface Question {
  readonly identities: readonly Identity[];
  readonly fingerprints: ReadonlySet<string>;
  /** Of all spellings together. */
  readonly token: string;
  readonly settings: RedactionSettings;
  readonly ruleSet: RuleSet;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runSubject(results: readonly string[], flags: SubjectFlags): Promise<ExitCode> {
  const scanned = flags.scan ?? [];
  refuseUseless(results, flags);
  refuseOverwriting([flags.output, flags.manifest], [...results, ...scanned]);
  refuseSharing([flags.output, flags.manifest]);
  const mostPlaces = placesOf(flags.places);
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  // Erasure takes values out of JSON keys, too, and a line that can't be looked at is never passed.
  const given = toRedactionSettings(config, process.env);
  const settings = { ...given, action: 'redact' as const, keepKeys: false, onError: 'withhold' as const };
  if (results.length > 0 && settings.key.source === 'random') {
    throw new UsageError(
      'expected the key of the audit in LOGVEIL_KEY or --key-file: results are searched by keyed fingerprint',
    );
  }
  if (flags.value !== undefined) {
    log.warn(
      '--value: the value shows in process lists and shell histories; the prompt or standard input does not',
    );
  }
  const values = flags.value === undefined ? await readValues('Value (not shown): ') : [flags.value];
  const question = ask(values, flags, settings, await openRuleSet(settings.rules));
  const collector = new SubjectCollector(mostPlaces);
  const failures: string[] = [];
  const searched: SubjectResult['searched'] = [];
  for (const path of results) {
    const { fingerprints } = question;
    searched.push(await searchResult(path, { fingerprints, keyId: settings.key.id, collector }));
  }
  const stop = stopOnSignals();
  if (scanned.length > 0) {
    const before = failures.length;
    await scan(scanned, question, collector, stop, (message) => failures.push(message));
    for (const path of scanned) searched.push({ path, kind: 'scan', complete: failures.length === before });
  }
  const action = flags.scrub !== true ? 'none' : flags.write === true ? 'scrubbed' : 'would-scrub';
  const answer = (): SubjectResult => ({
    schema: 'logveil.subject/1',
    version: VERSION,
    asked: new Date().toISOString(),
    keyId: settings.key.id,
    token: question.token,
    searched,
    tried: question.fingerprints.size,
    ...collector.result(),
    action,
    failures,
  });
  if (flags.scrub === true && !stop.aborted) {
    await erase(filesToScrub(scanned, collector, failures), question, flags, log, failures);
  }
  await tell(answer(), flags);
  for (const message of failures) log.error(message);
  return failures.length > 0 ? EXIT_CODES.failed : EXIT_CODES.done;
}

/** @throws UsageError; what was typed is never repeated, it may be the value */
function refuseUseless(results: readonly string[], flags: SubjectFlags): void {
  if (results.some((path) => !existsSync(path))) {
    throw new UsageError(
      'expected results of audits, files that exist; the value comes from the prompt, standard input or --value',
    );
  }
  if (results.length === 0 && (flags.scan ?? []).length === 0) {
    throw new UsageError('expected where to search: the result of an audit, or --scan PATH');
  }
  if (flags.write === true && flags.scrub !== true)
    throw new UsageError('--write: expected --scrub beside it');
  if (flags.region !== undefined && !/^[A-Z]{2}$/.test(flags.region)) {
    throw new UsageError('--region: expected a country code of ISO 3166-1, such as DE');
  }
}

function ask(
  values: readonly string[],
  flags: SubjectFlags,
  settings: RedactionSettings,
  ruleSet: RuleSet,
): Question {
  const phones = createRequire(import.meta.url)('libphonenumber-js/max') as typeof PhoneLibrary;
  const { kind, region, tag: tags = [] } = flags;
  const identities = values.map((value) =>
    identify(value, { tags, phones, ...(kind && { kind }), ...(region && { region }) }),
  );
  const spellings = [...new Set(identities.flatMap((identity) => identity.spellings))].map((text) =>
    Buffer.from(text),
  );
  // What a value is found as depends on the rules of the audit: each entity is tried.
  const entities = [...new Set(ruleSet.rules.map(({ rule }) => rule.entity))];
  const { key } = settings;
  const fingerprints = new Set(
    entities.flatMap((entity) => spellings.map((value) => key.fingerprint(entity, value))),
  );
  const token = key.fingerprint(
    'DATA_SUBJECT',
    Buffer.from(JSON.stringify(identities.map(({ pattern }) => pattern).sort())),
  );
  return { identities, fingerprints, token, settings, ruleSet: withSubjectRule(ruleSet, identities) };
}

/** The person's values and no others: those of the rule made for them, and equal ones that other rules find. */
function selection({ fingerprints, settings }: Question): Selection {
  return ({ id, entity }, value) =>
    id === SUBJECT_RULE || fingerprints.has(settings.key.fingerprint(entity, value));
}

async function scan(
  paths: readonly string[],
  question: Question,
  collector: SubjectCollector,
  stop: AbortSignal,
  onGap: (message: string) => void,
): Promise<void> {
  const redaction = new Redaction(question.settings, question.ruleSet, undefined, {
    select: selection(question),
  });
  const progress = new Progress(process.stderr.isTTY === true && !isatty(STDOUT_FD));
  let bytes = 0;
  let found = 0;
  const subjectScan = new SubjectScan({
    ...{ redaction, stop, onGap },
    onFinding: (finding) => {
      found++;
      const { source, line, column, length } = finding;
      collector.addFinding(finding, { path: source, line, column, length });
    },
    onProgress: (path, more) => {
      bytes += more;
      progress.update(path, bytes, found);
    },
  });
  const all = { include: [], exclude: [], sample: 1, follows: false, isOwn: () => false };
  for (const { path, kind, reason } of listFiles({ ...all, paths })) {
    if (stop.aborted) break;
    if (kind === 'file') await subjectScan.file(path);
    else if (kind !== 'passed-over') onGap(`${path}: not searched: ${reason ?? 'it is no file'}`);
  }
  progress.clear();
  if (stop.aborted) onGap('stopped before the end');
}

/** What was named, or else the files in which results of audits have the values. */
function filesToScrub(scanned: readonly string[], collector: SubjectCollector, failures: string[]): string[] {
  if (scanned.length > 0) return [...scanned];
  if (
    collector
      .result()
      .matches.some(
        ({ findings, placesNotListed, places }) => placesNotListed > 0 && findings > places.length,
      )
  ) {
    failures.push('the audit does not list all places: erase with --scan PATH');
  }
  const files = collector.files;
  for (const path of files.filter((file) => file.includes('!/'))) {
    failures.push(`${path}: not erased: unpack the archive, scrub the files, and pack them again`);
  }
  return files.filter((file) => !file.includes('!/'));
}

async function erase(
  paths: readonly string[],
  question: Question,
  flags: SubjectFlags,
  log: Log,
  failures: string[],
): Promise<void> {
  if (paths.length === 0) return;
  const select = selection(question);
  const redaction = new Redaction(question.settings, question.ruleSet, undefined, { select });
  // The answer has standard output to itself where a program reads it.
  const isQuiet = flags.format === 'json' && flags.output === '-';
  const job = { flags, redaction, ruleSet: question.ruleSet, log, select, ...(isQuiet && { isQuiet }) };
  const { hasFailed } = await scrubPaths(paths, job);
  if (hasFailed) failures.push('files were left as they are, see above or the manifest');
}

async function tell(result: SubjectResult, { format, output }: SubjectFlags): Promise<void> {
  const isStandard = output === '-';
  const text =
    format === 'json'
      ? `${JSON.stringify(result, null, 2)}\n`
      : subjectText(result, isStandard ? paintFor(STDOUT_FD) : (_, plain) => plain);
  if (!isStandard) {
    writeWhole(output, text, 'the answer');
    return;
  }
  try {
    await new FileWriter(STDOUT_FD).write(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
}

/** @throws UsageError */
function placesOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError('--places: expected a number of places');
  return Number(text);
}
