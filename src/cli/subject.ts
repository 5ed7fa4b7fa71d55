/** `logveil subject`, as the command line knows it. */
import { Command, Option } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import { addRuleOptions } from './options.ts';
import type { SubjectFlags } from './runSubject.ts';
import { addWriteOptions } from './scrub.ts';

const KINDS = ['email', 'phone', 'iban', 'ip', 'mac', 'number', 'text'];

const EXAMPLES = `
Examples:
  logveil subject audit.json --key-file key               asks for the value, without echo
  logveil subject --scan /var/log < values.txt            one value a line, of one person
  logveil subject audit.json --format json -o answer.json < values.txt
  logveil subject --scan /var/log --scrub < values.txt    what an erasure would change
  logveil subject --scan /var/log --scrub --write --manifest erased.jsonl < values.txt

Results of audits are searched by keyed fingerprint: it needs their key, and finds
the usual spellings of what their rules have found. --scan reads the files again and
finds every spelling, also where no rule knows the form. Only this person's values
are shown or erased.`;

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

export function subjectCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('subject')
    .description("find one person's occurrences (Art. 15), and erase them (Art. 17)")
    .argument('[results...]', 'of `audit --format json|jsonl`; never the value');
  return addWriteOptions(addRuleOptions(command))
    .option('--scan <path>', 'search files and folders again; repeatable', collect)
    .addOption(new Option('--kind <name>', 'of the values (default: by their looks)').choices(KINDS))
    .option('--region <country>', 'of phone numbers without a country code, such as DE')
    .option('--tag <name>', 'a sub-address to try, anna+NAME@...; repeatable', collect)
    .option('--value <text>', 'the value; it shows in process lists and shell histories')
    .addOption(new Option('--format <name>', 'of the answer').choices(['text', 'json']).default('text'))
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .option('--places <count>', 'places told of each value', '100')
    .option('--scrub', "replace this person's values; a dry run without --write")
    .option('--diff-lines <count>', 'lines shown of each file in a dry run', '5')
    .addHelpText('after', EXAMPLES)
    .action(async (results: string[], flags: SubjectFlags) => {
      const { runSubject } = await import('./runSubject.ts');
      finish(await runSubject(results, flags));
    });
}
