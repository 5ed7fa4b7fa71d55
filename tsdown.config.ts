import { defineConfig } from 'tsdown';

/** What the command line needs to tell what it can do, and no more. */
const BASE =
  /\/src\/(?:errors|version|descriptors|findings\/finding|telemetry\/(?:codeFrames|colour|log)|config\/values|bench\/names|sources\/formats|verify\/formats\/names|config\/duration|cli\/(?:exitCodes|explain))\.ts$/;

/** What the main job does without: other commands, the library's own, and all that reads what people write. */
const NOT_IN_MAIN_JOB = [
  'audit/',
  'bench/',
  'pipeline/',
  'tail/',
  'server/',
  'verify/',
  'monitor/',
  'sinks/(?!exclusive|fileWriter|findingsFile|ownerOnly|summaryFile)',
  'sources/(?!chunks|directReader|encoding|input)',
  'report/',
  'scrub/',
  'subject/',
  'yaml/',
  'services/',
  'state/',
  'index.',
  'cli.',
  'packRules.',
  'redactThread.',
  'rulesThread.',
  'auditThread.',
  'app/jobs/',
  'app/audit/',
  'app/(?:calcom|reviews)\\.',
  'app/(?:layOut|ruleThread|redactStream|ruleFiles|sanitizer|anchorText|exampleText|explainInput)\\.',
  'app/(?:lineChanges|scrub|subject\\w*)\\.',
  'app/rule(?:Cost|Examples|Explanation|Import|Tests)\\.',
  'cli/(?!runRedact|flags|checks|engineFailure|smallHeap|stats|reload)',
  'config/(?:businessHours|calcom|check|controller|deployment|duration|file|schema|serve|services)\\.',
  'rules/(?:import/|(?:catalogue|lint|load|schema)\\.)',
  'findings/suppression.',
  'scan/(?:exampleCheck|explanation)\\.',
].map((path) => new RegExp(`/src/${path}`));

/** @param path of a module; declarations are bundled in the same run, for themselves */
function isMainJob(path: string): boolean {
  return /\/src\/.+(?<!\.d)\.ts$/.test(path) && !NOT_IN_MAIN_JOB.some((other) => other.test(path));
}

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/cli.ts',
    'src/packRules.ts',
    'src/redactThread.ts',
    'src/auditThread.ts',
    'src/rulesThread.ts',
  ],
  format: 'esm',
  dts: true,
  target: 'node20',
  clean: true,
  outDir: 'dist',
  fixedExtension: false,
  copy: ['src/kernel/kernel.wasm', { from: 'src/server/dashboard', to: 'dist' }],
  outputOptions: {
    // Each file costs a millisecond to find and read, so the main job has one beside the command line itself.
    codeSplitting: {
      groups: [
        { name: 'base', test: BASE, priority: 2 },
        { name: 'main', test: isMainJob, priority: 1 },
      ],
    },
  },
});
