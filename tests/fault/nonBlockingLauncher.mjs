/**
 * Starts the command line on its own standard streams and puts standard output into non-blocking mode, as a parent
 * that shares its pipe may do at any time. Tells the child's process id on file descriptor 3 once that is done.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['inherit', 'inherit', 'inherit'] });
child.once('spawn', () => {
  // Node puts the descriptors of its sockets into non-blocking mode; the mode belongs to the pipe, not to us.
  new Socket({ fd: 1, readable: false }).unref();
  writeSync(3, String(child.pid));
});
child.once('close', (code) => process.exit(code ?? 1));
