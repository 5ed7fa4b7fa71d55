/** Makes the report, or checks the manifest of one. */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { isatty } from 'node:tty';
import { loadConfig } from '../config/load.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { buildReport, contextOf } from '../report/build.ts';
import type { Context } from '../report/context.ts';
import { type CsvTable, renderCsv } from '../report/csv.ts';
import { renderHtml } from '../report/html.ts';
import { readInputs } from '../report/inputs.ts';
import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { Language } from '../report/messages/catalogue.ts';
import { findChromium, printPdf } from '../report/pdf.ts';
import { readSigningKey, signManifest, verifyManifest } from '../report/signature.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { writeWhole } from '../sinks/wholeFile.ts';
import { paintFor } from '../telemetry/colour.ts';
import { VERSION } from '../version.ts';
import { refuseOverwriting, refuseSharing } from './checks.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

export type ReportFormat = 'html' | 'md' | 'json' | 'csv' | 'pdf';

const FORMAT_BY_NAME: Readonly<Record<string, ReportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.md': 'md',
  '.json': 'json',
  '.csv': 'csv',
  '.pdf': 'pdf',
};

export interface ReportFlags {
  readonly format?: ReportFormat;
  readonly output: string;
  readonly lang: Language;
  readonly table: CsvTable;
  readonly config?: string;
  readonly signKey?: string;
  readonly verify?: string;
  readonly publicKey?: string;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runReport(inputs: readonly string[], flags: ReportFlags): Promise<ExitCode> {
  if (flags.verify !== undefined) return verify(flags.verify, flags.publicKey, inputs);
  if (inputs.length === 0)
    throw new UsageError('expected the result of an audit: `logveil audit PATH --format json`');
  const { output } = flags;
  const isStandard = output === '-';
  const format = flags.format ?? FORMAT_BY_NAME[extname(output).toLowerCase()] ?? 'html';
  if (isStandard && flags.signKey !== undefined)
    throw new UsageError('--sign-key: expected --output FILE beside it');
  if (isStandard && format === 'pdf' && isatty(STDOUT_FD))
    throw new UsageError('--format pdf: expected --output FILE');
  const manifestPath = `${output}.manifest.json`;
  const outputs = [output, flags.signKey === undefined ? undefined : manifestPath];
  refuseOverwriting(outputs, [...inputs, ...(flags.signKey === undefined ? [] : [flags.signKey])]);
  refuseSharing(outputs);
  const chromium = format === 'pdf' ? findChromium(process.env) : undefined;
  const key = flags.signKey === undefined ? undefined : readSigningKey(flags.signKey);
  const config = await loadConfig({}, flags.config, process.env);
  const { audits, files, summaries, subjects, scrubbed } = readInputs(inputs);
  const made = timeOfMaking(process.env);
  const audit = audits.at(-1);
  if (audit === undefined) return EXIT_CODES.failed;
  const context = contextOf(
    {
      audit,
      earlier: audits.slice(0, -1),
      ...{
        summaries,
        subjects,
        scrubbed,
        controller: config.controller,
        inputs: files,
        made,
        version: VERSION,
      },
      isSigned: key !== undefined,
    },
    flags.lang,
  );
  const content = Buffer.from(await render(context, format, flags.table, chromium));
  if (isStandard) return print(content);
  writeWhole(output, content, 'the report');
  if (key !== undefined) {
    const written = {
      path: output,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    };
    const manifest = signManifest(manifestPath, key, {
      version: VERSION,
      made,
      inputs: files,
      outputs: [written],
    });
    writeWhole(manifestPath, manifest, 'the manifest');
  }
  return EXIT_CODES.done;
}

async function render(
  context: Context,
  format: ReportFormat,
  table: CsvTable,
  chromium: string | undefined,
): Promise<string | Buffer> {
  if (format === 'csv') return renderCsv(context, table);
  const report = buildReport(context);
  if (format === 'json') return renderJson(context, report);
  if (format === 'md') return renderMarkdown(report);
  const html = renderHtml(report, { skip: context.t('skip') });
  return chromium === undefined ? html : printPdf(chromium, html);
}

/** Now, or what SOURCE_DATE_EPOCH says (https://reproducible-builds.org): the same inputs then give the same bytes. */
function timeOfMaking(env: NodeJS.ProcessEnv): Date {
  const epoch = env.SOURCE_DATE_EPOCH;
  if (epoch === undefined || epoch === '') return new Date();
  if (!/^\d{1,12}$/.test(epoch)) throw new UsageError('SOURCE_DATE_EPOCH: expected seconds since 1970');
  return new Date(Number(epoch) * 1000);
}

async function verify(
  manifest: string,
  publicKey: string | undefined,
  inputs: readonly string[],
): Promise<ExitCode> {
  if (inputs.length > 0) throw new UsageError('--verify: expected the manifest alone');
  const { isRight, isTrusted, keyDigest, lines } = verifyManifest(manifest, publicKey);
  const paint = paintFor(STDOUT_FD);
  const rows = lines.map(
    (line) => `${line.isRight ? paint('green', 'ok   ') : paint('red', 'WRONG')} ${printable(line.text)}`,
  );
  rows.push(`signing key: SHA-256 ${keyDigest}`);
  if (!isTrusted) {
    rows.push(
      paint('yellow', "the key is the manifest's own: compare it with the one you know, or use --public-key"),
    );
  }
  await print(Buffer.from(`${rows.join('\n')}\n`));
  return isRight ? EXIT_CODES.done : EXIT_CODES.found;
}

async function print(content: Buffer): Promise<ExitCode> {
  try {
    await new FileWriter(STDOUT_FD).write(content);
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
  return EXIT_CODES.done;
}

/** A file's name may hold what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
