/** A thread of an audit: takes parts, one at a time, and answers with what they tell. */
import { parentPort, workerData } from 'node:worker_threads';
import { ruleFacts } from './app/audit/document.ts';
import { searchPart } from './app/audit/executor.ts';
import { LeakedKeys } from './app/audit/leakedKeys.ts';
import { PartScanner } from './app/audit/partScanner.ts';
import type { ThreadAnswer, ThreadStart } from './app/audit/threads.ts';
import { Redaction } from './app/redaction.ts';
import { openRuleSet } from './app/ruleSet.ts';
import type { Part } from './audit/scan.ts';
import { IoError, LogveilError } from './errors.ts';
import { FingerprintKey } from './findings/fingerprint.ts';

const { settings, key, identity, scan, baseline, keysOf, bytesRead, index } = workerData as ThreadStart;
const counts = new BigInt64Array(bytesRead);
const ruleSet = await openRuleSet(settings.rules);
const redaction = new Redaction({ ...settings, key: FingerprintKey.fromShared(key) }, ruleSet);
if (identity !== undefined && identity !== redaction.identity)
  throw new IoError('the rules or known secrets have changed since the audit began');
const keys = keysOf === undefined ? undefined : new LeakedKeys(keysOf);
const scanner = new PartScanner({
  redaction,
  scan,
  rules: ruleFacts(ruleSet, settings),
  baseline: new Set(baseline),
  keys,
  // Nobody waits for it: plain order is enough.
  onProgress: (bytes) => Atomics.add(counts, index, BigInt(bytes)),
});

parentPort?.on('message', async (part: Part) => {
  const answer = await search(part);
  const chunks = 'searched' in answer ? answer.searched.records.chunks : [];
  parentPort?.postMessage(
    answer,
    chunks.map((chunk) => chunk.buffer as ArrayBuffer),
  );
});

async function search(part: Part): Promise<ThreadAnswer> {
  try {
    return { searched: await searchPart(scanner, part), keys: keys?.drain() };
  } catch (error) {
    // Messages of other errors may quote what was scanned.
    if (error instanceof LogveilError) return { failure: error.message, isIo: error instanceof IoError };
    return { failure: `a search failed: ${(error as Error).name}`, isIo: false };
  }
}
