// Compiles the kernel to src/kernel/kernel.wasm. `--check` compiles and only compares with what is there.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../kernel.wasm', import.meta.url));
const { error, stdout, stderr, binary } = await compile();
if (error !== null || binary === undefined) {
  process.stderr.write(stderr.toString());
  process.exit(1);
}
if (process.argv.includes('--check')) {
  if (!readFileSync(target).equals(binary)) {
    process.stderr.write('kernel.wasm differs from its source: run npm run build:kernel\n');
    process.exit(1);
  }
} else writeFileSync(target, binary);
process.stdout.write(stdout.toString());

async function compile() {
  let binary;
  const result = await asc.main(
    [
      `${here}index.ts`,
      '--outFile',
      'kernel.wasm',
      '--runtime',
      'stub',
      '--noAssert',
      ...(process.argv.includes('--names') ? ['--debug'] : []),
      '--optimizeLevel',
      '3',
      '--shrinkLevel',
      '0',
      '--converge',
      '--enable',
      'simd',
      '--importMemory',
      '--initialMemory',
      '2',
      '--memoryBase',
      '1024',
    ],
    {
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm') binary = Buffer.from(contents);
      },
    },
  );
  return { ...result, binary };
}
