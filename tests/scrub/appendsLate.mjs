/** A fault for `node --import`: somebody appends to the file in the moment in which it is renamed over. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const rename = fs.renameSync;
let isFirst = true;
fs.renameSync = (from, to) => {
  if (isFirst) fs.appendFileSync(to, 'a late line\n');
  isFirst = false;
  rename(from, to);
};
syncBuiltinESMExports();
