/** `logveil rules ...`: work on rules, as the command line knows it. */
import { Command, Option } from 'commander';
import { CATEGORIES, SEVERITIES } from '../findings/finding.ts';
import type { ExitCode } from './exitCodes.ts';
import { addRuleOptions, collect } from './options.ts';
import type { CostFlags } from './runRulesCost.ts';
import type { ExplainFlags } from './runRulesExplain.ts';
import type { ImportFlags } from './runRulesImport.ts';
import type { ListFlags } from './runRulesList.ts';
import type { NewFlags } from './runRulesNew.ts';
import type { TestFlags } from './runRulesTest.ts';

const EXAMPLES = `
Examples:
  logveil rules list --category secret --text stripe
  logveil rules check acme.yaml        all mistakes at once, examples included
  logveil rules test --rules default --rules acme.yaml
  logveil rules explain --line 12 app.log
  logveil rules cost --top 20
  logveil rules import gitleaks.toml --output gitleaks.yaml
  logveil rules new acme-api-key --output acme.yaml`;

const EXPLAIN_HELP = `
Values are masked; --reveal shows them, on a terminal only. A text on the command line shows in the list of processes:
give a real value through standard input, or as a line of a file.

Examples:
  logveil rules explain 'card 4111 1111 1111 1111'
  logveil rules explain --line 12 app.log
  tail -n 1 app.log | logveil rules explain --rule email`;

const COST_HELP = `
Without --sample the sample is a mebibyte of made-up lines, the same everywhere.

With --patterns, what is known of each pattern before it runs:
anchored    costs next to nothing on lines without its anchor
common      its anchor is common: many lines are looked at
every-line  nothing to look for: every line is searched
fallback    searched by plain RE2 on every line
look-ahead  where a match ends may need reading far ahead; many matches in a line cost more`;

const IMPORT_HELP = `
Formats, told by what stands in the file: gitleaks and betterleaks (TOML), kingfisher and noseyparker (YAML).
What can't be imported, wholly or in part, is listed on standard error with its place and the reason. What the file
allows is taken over for its own rules only. The result passes \`logveil rules check\`.`;

type Finish = (code: ExitCode) => void;

export function rulesCommand(finish: Finish): Command {
  const command = new Command('rules').description(
    'list, check, test, explain, measure, import and begin rules',
  );
  for (const add of [addList, addCheck, addTest, addExplain, addCost, addImport, addNew])
    add(command, finish);
  return command.addHelpText('after', EXAMPLES);
}

const NAMES = '[names...]';
const format = (): Option =>
  new Option('--format <name>', 'of the output').choices(['text', 'json']).default('text');

function addList(command: Command, finish: Finish): void {
  command
    .command('list')
    .description('rules by pack, entity, category, severity or text')
    .argument(NAMES, 'packs, files or folders; `all` without any')
    .option('--pack <pack>', 'of this pack, repeatable', collect)
    .option('--entity <entity>', 'of this entity, repeatable', collect)
    .addOption(oneOf('--category <category>', 'of this category, repeatable', CATEGORIES))
    .addOption(oneOf('--severity <severity>', 'of this severity, repeatable', SEVERITIES))
    .option('--text <text>', 'with this in its id, entity, description or keywords')
    .option('--counts', 'only how many there are')
    .addOption(format())
    .action(async (names: string[], flags: ListFlags) => {
      const { listRules } = await import('./runRulesList.ts');
      finish(await listRules(names, flags));
    });
}

/** An option that may be given several times, each time with one of the choices. */
function oneOf(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description).choices(choices);
  const parse = option.parseArg;
  return option.argParser((value, earlier) =>
    collect(String(parse?.(value, undefined as never)), earlier as unknown as string[]),
  );
}

function addCheck(command: Command, finish: Finish): void {
  command
    .command('check')
    .description('check rules and run their examples, each rule for itself')
    .argument(NAMES, 'packs, files or folders; `default` without any')
    .action(async (names: string[]) => {
      const { checkRules } = await import('./runRulesCheck.ts');
      finish(await checkRules(names));
    });
}

function addTest(command: Command, finish: Finish): void {
  addRuleOptions(
    command
      .command('test')
      .description('run the examples of rules through the whole pipeline, all rules in use together')
      .argument('[rules...]', 'ids of rules; all that are in use without any'),
    'a rule pack, file or folder to use; repeatable (default: those of the configuration, else `all`)',
  ).action(async (ids: string[], flags: TestFlags) => {
    const { testRulesOf } = await import('./runRulesTest.ts');
    finish(await testRulesOf(ids, flags));
  });
}

function addExplain(command: Command, finish: Finish): void {
  addRuleOptions(
    command
      .command('explain')
      .description('why each rule finds something in a line, or does not')
      .argument('[text]', 'a text, or with --line a file; without it standard input'),
  )
    .option('--line <number>', 'explain this line of the file, counted from 1')
    .option('--rule <id>', 'only this rule, also where it has no candidate; repeatable', collect)
    .option('--reveal', 'show the values, on a terminal only')
    .addOption(format())
    .addHelpText('after', EXPLAIN_HELP)
    .action(async (text: string | undefined, flags: ExplainFlags) => {
      const { explainRules } = await import('./runRulesExplain.ts');
      finish(await explainRules(text, flags));
    });
}

function addCost(command: Command, finish: Finish): void {
  command
    .command('cost')
    .description('the time each rule takes on a sample, and why')
    .argument(NAMES, 'packs, files or folders; `default` without any')
    .option('--sample <file>', 'log lines to measure with: the first mebibyte of this file')
    .option('--top <number>', 'only the dearest')
    .option('--patterns', 'what the kernel makes of each pattern, without running any')
    .addOption(format())
    .addHelpText('after', COST_HELP)
    .action(async (names: string[], flags: CostFlags) => {
      const { showCost } = await import('./runRulesCost.ts');
      finish(await showCost(names, flags));
    });
}

function addImport(command: Command, finish: Finish): void {
  command
    .command('import')
    .description('make rules of those of another tool')
    .argument('<file>', 'TOML or YAML')
    .option('--output <file>', 'where to write the rules; a file that is there is not overwritten', '-')
    .option('--prefix <text>', 'begins the id of each rule, for instance `gitleaks-`')
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, flags: ImportFlags) => {
      const { importRules } = await import('./runRulesImport.ts');
      finish(await importRules(file, flags));
    });
}

function addNew(command: Command, finish: Finish): void {
  command
    .command('new')
    .description('write the beginning of a rule')
    .argument('<id>', 'in kebab-case, for instance `acme-api-key`')
    .option('--output <file>', 'where to write it; a file that is there is not overwritten', '-')
    .option('--pattern <regex>', 'how the value looks, in RE2 syntax; examples are made up from it')
    .option('--description <text>', 'what the value is')
    .option('--entity <name>', 'by default the id in capitals')
    .addOption(
      new Option('--category <category>', 'what it is a matter of').choices(CATEGORIES).default('secret'),
    )
    .addOption(new Option('--severity <severity>', 'how bad a leak is').choices(SEVERITIES).default('high'))
    .action(async (id: string, flags: NewFlags) => {
      const { newRule } = await import('./runRulesNew.ts');
      finish(await newRule(id, flags));
    });
}
