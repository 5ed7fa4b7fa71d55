import { defineConfig } from 'tsdown';

/** What the command line needs to tell what it can do, and no more. */
const BASE =
  /\/src\/(?:errors|version|descriptors|findings\/finding|telemetry\/(?:codeFrames|colour|log)|config\/values|bench\/names|cli\/(?:exitCodes|explain))\.ts$/;

/** What the main job does without: other commands, the library's own, and all that reads what people write. */
const NOT_IN_MAIN_JOB =
  /\/src\/(?:(?:audit|bench|report|scrub|subject|yaml|state|sources\/archive)\/|auditThread\.|index\.|cli\.|packRules\.|app\/(?:audit\/|rule(?:Cost|Examples|Explanation|Import|Tests)\.|(?:anchorText|exampleText|explainInput)\.|lineChanges\.|redactStream\.|scrub\.|subject\w*\.|ruleFiles\.|sanitizer\.)|findings\/suppression\.|cli\/(?!runRedact|flags|checks|engineFailure|stats|reload)|config\/(?:check|controller|file|schema)\.|rules\/(?:import\/|(?:lint|load|schema)\.)|scan\/exampleCheck\.)/;

/** @param path of a module; declarations are bundled in the same run, for themselves */
function isMainJob(path: string): boolean {
  return /\/src\/.+(?<!\.d)\.ts$/.test(path) && !NOT_IN_MAIN_JOB.test(path);
}

export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts', 'src/packRules.ts', 'src/auditThread.ts'],
  format: 'esm',
  dts: true,
  target: 'node20',
  clean: true,
  outDir: 'dist',
  fixedExtension: false,
  copy: ['src/kernel/kernel.wasm'],
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
