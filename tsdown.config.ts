import { defineConfig } from 'tsdown';

/** What the command line needs to tell what it can do, and no more. */
const BASE =
  /\/src\/(?:errors|version|descriptors|findings\/finding|telemetry\/(?:codeFrames|colour|log)|config\/values|bench\/names|sources\/formats|cli\/exitCodes)\.ts$/;

/** What the main job does without: other commands, the library's own, and all that reads what people write. */
const NOT_IN_MAIN_JOB =
  /\/src\/(?:(?:audit|bench|pipeline|state|tail|yaml)\/|sinks\/(?!exclusive|fileWriter|findingsFile|ownerOnly|summaryFile)|sources\/(?!chunks|directReader|encoding|input)|index\.|cli\.|packRules\.|app\/(?:redactStream|ruleFiles|sanitizer)\.|cli\/(?!runRedact|flags|checks|engineFailure|stats)|config\/(?:check|file|schema)\.|rules\/(?:lint|load|schema)\.|scan\/exampleCheck\.)/;

/** @param path of a module; declarations are bundled in the same run, for themselves */
function isMainJob(path: string): boolean {
  return /\/src\/.+(?<!\.d)\.ts$/.test(path) && !NOT_IN_MAIN_JOB.test(path);
}

export default defineConfig({
  entry: ['src/index.ts', 'src/cli.ts', 'src/packRules.ts'],
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
