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

// Left to Node, SIGUSR1 would open its debugger on a port, and with it the memory. Commands with a use for it listen, too.
process.on('SIGUSR1', () => {});

process.exitCode = await main(process.argv.slice(2));
