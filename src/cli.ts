#!/usr/bin/env node
import { EXIT_CODES } from './cli/exitCodes.ts';
import { explain } from './cli/explain.ts';
import { main } from './cli/main.ts';

// Left to Node, an error that nobody caught would be printed with its text, which may hold scanned bytes.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(EXIT_CODES.failed);
  });
}

process.exitCode = await main(process.argv.slice(2));
