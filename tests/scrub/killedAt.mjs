/** A fault for `node --import`: the process is killed before its n-th change of the file system, n from KILL_AT. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGES = ['writeSync', 'fsyncSync', 'linkSync', 'renameSync', 'rmSync', 'fchmodSync', 'fchownSync'];
const killAt = Number(process.env.KILL_AT);
let changes = 0;

for (const name of CHANGES) {
  const original = fs[name];
  fs[name] = (...args) => {
    changes++;
    if (changes === killAt) process.kill(process.pid, 'SIGKILL');
    return original(...args);
  };
}
syncBuiltinESMExports();
