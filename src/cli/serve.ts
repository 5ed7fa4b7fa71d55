/** `logveil serve`, as the command line knows it. */
import { Command } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import { actionOption, addRuleOptions, onErrorOption } from './options.ts';
import type { ServeFlags } from './runServe.ts';

const EXAMPLES = `
Examples:
  logveil serve                                   http://127.0.0.1:8765, for this machine only
  logveil serve --port 0                          any free port; it is told on standard output
  LOGVEIL_TOKEN=$(openssl rand -hex 32) logveil serve --host 0.0.0.0
                                                  for others, who have to show the token
  curl -H 'content-type: text/plain' --data-binary @app.log http://127.0.0.1:8765/api/sanitize
  curl -H 'accept: application/vnd.logveil+json' -H 'content-type: text/plain' \\
       -d 'mail from jane@example.com' http://127.0.0.1:8765/api/sanitize

Paths: / (dashboard), /api/sanitize, /api/findings, /api/status, /api/events, /api/openapi.json, /api/health,
/livez, /readyz, /metrics. SIGHUP takes up rules and configuration anew; SIGTERM and SIGINT end in good order.
With LOGVEIL_REDIS_URL the breakers and limiters of all services are shown. docs/serve.md has the rest.`;

export function serveCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('serve').description('redact over HTTP, with health, metrics and a dashboard');
  return addRuleOptions(command)
    .addOption(actionOption())
    .addOption(onErrorOption())
    .option(
      '--host <address>',
      'where to listen; others than loopback need LOGVEIL_TOKEN (default: 127.0.0.1)',
    )
    .option('--port <n>', '0 takes any free port (default: 8765)')
    .option('--max-body <size>', 'most bytes of a request, decompressed (default: 1GiB)')
    .option('--max-seconds <n>', 'longest a request may take (default: 600)')
    .option('--max-streams <n>', 'requests at the same time (default: 64)')
    .option('--rate-limit <n>', 'requests a minute of one client, 0 for no limit (default: 600)')
    .option('--stop-seconds <n>', 'time to finish requests when told to stop (default: 10)')
    .option('--verification <file>', 'what `logveil verify --format json --output FILE` writes, to be shown')
    .option('--findings <file>', 'write findings as JSON lines, without the values')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ServeFlags) => {
      const { runServe } = await import('./runServe.ts');
      finish(await runServe(flags));
    });
}
