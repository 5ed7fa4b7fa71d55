/**
 * Faults for `node --import` whose errors hold the scanned bytes. RE2 fails on lines with FAULT, and on all while the file
 * of LOGVEIL_TEST_FAULT_FILE is there; whoever hashes redacted bytes with CRASH in them fails as well.
 */
import { Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const RE2 = createRequire(process.argv[1])('re2');
const { exec } = RE2.prototype;
RE2.prototype.exec = function (view) {
  if (Buffer.isBuffer(view) && (view.includes('FAULT') || existsSync(process.env.LOGVEIL_TEST_FAULT_FILE)))
    throw new Error(`no match in ${view}`);
  return exec.call(this, view);
};
const { update } = Hash.prototype;
Hash.prototype.update = function (bytes, ...rest) {
  if (Buffer.isBuffer(bytes) && bytes.includes('CRASH')) throw new Error(`no hash of ${bytes}`);
  return update.call(this, bytes, ...rest);
};
