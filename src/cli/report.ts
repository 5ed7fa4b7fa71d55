/** `logveil report AUDIT...`, as the command line knows it. */
import { Command, Option } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import type { ReportFlags, ReportFormat } from './runReport.ts';

const FORMATS: readonly ReportFormat[] = ['html', 'md', 'json', 'csv', 'pdf'];
const LANGUAGES = ['en', 'de', 'fr'];
const TABLES = ['art30', 'inventory'];

const EXAMPLES = `
Examples:
  logveil audit /var/log --format json -o audit.json
  logveil report audit.json -o report.html                 one file, for screen and paper
  logveil report old.json audit.json --lang de -o report.pdf
                                                           the last audit, and the trend
  logveil report audit.json summary.json subject.json scrub.jsonl -o report.html
                                                           with redaction, searches, erasures
  logveil report audit.json --format csv -o art30.csv      the annex of Art. 30(1)
  logveil report audit.json -o report.html --sign-key key.pem
  logveil report --verify report.html.manifest.json

Who the controller is, for which purposes, how long: the section \`controller\` of
logveil.yaml. What is not there is shown as missing. Technical evidence, not legal
advice or certification.`;

export function reportCommand(finish: (code: ExitCode) => void): Command {
  return new Command('report')
    .description('GDPR evidence report from the results of audits')
    .argument(
      '[inputs...]',
      'of `audit --format json`; also of `redact --summary`, `subject`, `scrub --manifest`',
    )
    .addOption(
      new Option('--format <name>', 'default: by the name of the output, else html').choices(FORMATS),
    )
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .addOption(new Option('--lang <language>', 'of the report').choices(LANGUAGES).default('en'))
    .addOption(new Option('--table <name>', 'of --format csv').choices(TABLES).default('art30'))
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .option('--sign-key <file>', 'Ed25519 private key (PEM); signs OUTPUT.manifest.json')
    .option('--verify <manifest>', 'check a manifest, its signature and its files')
    .option('--public-key <file>', 'Ed25519 public key (PEM) that --verify trusts')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], flags: ReportFlags) => {
      const { runReport } = await import('./runReport.ts');
      finish(await runReport(inputs, flags));
    });
}
