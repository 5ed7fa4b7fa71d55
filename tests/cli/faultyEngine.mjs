/**
 * Faults for `node --import`, of the worst kind: errors whose text is the scanned line.
 * LOGVEIL_TEST_FAULT=match: RE2 fails on each line with an `@` or a key in it. LOGVEIL_TEST_FAULT=split: lines can't be cut.
 * LOGVEIL_TEST_FAULT=exception, LOGVEIL_TEST_FAULT=rejection: an error with LOGVEIL_TEST_FAULT_TEXT in it that nobody catches.
 */
import { createRequire } from 'node:module';

const LF = 0x0a;
const TRIGGER = /@|PRIVATE KEY|password|xoxb|cal_live|Bearer|card|MIGH/;

if (process.env.LOGVEIL_TEST_FAULT === 'match') {
  const RE2 = createRequire(process.argv[1])('re2');
  const { exec } = RE2.prototype;
  RE2.prototype.exec = function (view) {
    // Strings are what the loader tries patterns on; lines are bytes.
    if (Buffer.isBuffer(view) && TRIGGER.test(view.toString('latin1')))
      throw new Error(`no match in ${view}`);
    return exec.call(this, view);
  };
} else if (process.env.LOGVEIL_TEST_FAULT === 'split') {
  const { indexOf } = Buffer.prototype;
  Buffer.prototype.indexOf = function (...args) {
    if (args[0] === LF && TRIGGER.test(this.toString('latin1')))
      throw new Error(`no line in\n    at ${this}`);
    return indexOf.apply(this, args);
  };
}

if (process.env.LOGVEIL_TEST_FAULT_TEXT !== undefined) {
  const fail = () => {
    throw new Error(process.env.LOGVEIL_TEST_FAULT_TEXT);
  };
  const waiting = setInterval(() => {
    // Handled signals tell that the command line is at work.
    if (process.listenerCount('SIGTERM') === 0) return;
    clearInterval(waiting);
    if (process.env.LOGVEIL_TEST_FAULT === 'rejection') Promise.resolve().then(fail);
    else fail();
  }, 10);
}
