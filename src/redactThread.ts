/** A thread of `--jobs`: redacts blocks of lines, one at a time, each by itself unless it goes on with the one before. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Block, BlockDone, ThreadReady, ThreadStart } from './app/jobs/messages.ts';
import { Redaction } from './app/redaction.ts';
import { openRuleSet } from './app/ruleSet.ts';
import type { Finding } from './findings/finding.ts';
import { FingerprintKey } from './findings/fingerprint.ts';
import type { StreamRedactor } from './scan/streamRedactor.ts';
import { codeFrames, kindOf } from './telemetry/codeFrames.ts';

const { settings, key, wantsFindings, isCounted } = workerData as ThreadStart;
const redaction = new Redaction(
  { ...settings, key: FingerprintKey.fromShared(key) },
  await openRuleSet(settings.rules),
);
let stream: StreamRedactor | undefined;
let source = '';
let findings: string[] = [];
const fingerprints = new Set<string>();

parentPort?.on('message', (block: Block) => {
  const done = redact(block);
  parentPort?.postMessage(done, [done.output.buffer as ArrayBuffer]);
});
const ready: ThreadReady = { identity: redaction.identity };
parentPort?.postMessage(ready);

function redact({ bytes, source: name, place, continues, isLast }: Block): BlockDone {
  source = name;
  const current = continues && stream !== undefined ? stream : open(place);
  stream = current;
  const head = Buffer.from(current.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  const output = isLast ? Buffer.concat([head, current.end()]) : head;
  const { failure } = current;
  const done: BlockDone = {
    output: new Uint8Array(output),
    findings: findings.join('\n'),
    findingCount: findings.length,
    tally: redaction.tally.take([...fingerprints]),
    isAtRest: current.lineBegin !== undefined,
    failure: failure === undefined ? undefined : { name: kindOf(failure), frames: codeFrames(failure) },
  };
  findings = [];
  fingerprints.clear();
  return done;
}

function open(place: Block['place']): StreamRedactor {
  return redaction.openStream(() => source, wantsFindings || isCounted ? take : undefined, false, { place });
}

function take(finding: Finding): void {
  if (wantsFindings) findings.push(JSON.stringify(finding));
  if (isCounted) fingerprints.add(finding.fingerprint);
}
