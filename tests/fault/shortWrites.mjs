/** A fault for `node --import`: writes take at most some hundred bytes, and each third is refused with EAGAIN. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

const MOST_BYTES = 701;
const write = promisify(fs.write);
let calls = 0;

async function faultyWrite(fd, buffer, offset, length) {
  calls++;
  if (calls % 3 === 0) throw Object.assign(new Error('try again'), { code: 'EAGAIN', syscall: 'write' });
  return write(fd, buffer, offset, Math.min(length, MOST_BYTES));
}

fs.write = Object.assign(() => {}, { [promisify.custom]: faultyWrite });
syncBuiltinESMExports();
