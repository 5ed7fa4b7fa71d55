/** Files that are left and gone on with, or lost and found again, while the output has not accepted all of them. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileOutput } from '../../src/sinks/fileOutput.ts';
import type { Output } from '../../src/sinks/output.ts';
import { PathPatterns } from '../../src/sources/pathPatterns.ts';
import { CheckpointStore } from '../../src/state/checkpointStore.ts';
import { Tail } from '../../src/tail/tail.ts';
import { temporaryFolder } from '../support/folders.ts';
import { LaterOutput, toyRedaction } from '../support/tailModel.ts';

class World {
  readonly folder = temporaryFolder();
  readonly log = join(this.folder, 'logs', 'app.log');

  constructor() {
    mkdirSync(join(this.folder, 'logs'));
  }

  async start(output: Output): Promise<Tail> {
    const tail = new Tail({
      redaction: toyRedaction(),
      output,
      store: new CheckpointStore(join(this.folder, 'state')),
      patterns: new PathPatterns([join(this.folder, 'logs', '*.log')]),
      from: 'start',
      ownFiles: [],
      encoding: 'utf-8',
      container: 'none',
      partialWaitMs: Number.POSITIVE_INFINITY,
      rotateWaitMs: Number.POSITIVE_INFINITY,
      scanMs: 0,
      checkpointMs: Number.POSITIVE_INFINITY,
      onFinding: undefined,
      onStageError: () => {},
      log: { info: () => {}, warn: () => {}, error: () => {} },
      now: () => 0,
    });
    await tail.start();
    return tail;
  }
}

async function readAll(tail: Tail): Promise<void> {
  while (await tail.step(true));
}

function linesOf({ chunks }: LaterOutput): string[] {
  return Buffer.concat(chunks.map(({ bytes }) => bytes))
    .toString()
    .trimEnd()
    .split('\n');
}

test('lines before a late file come again when the output lost them', async () => {
  const world = new World();
  writeFileSync(world.log, 'first 1\nfirst 2\n');
  const lost = new LaterOutput();
  const killed = await world.start(lost);
  await readAll(killed);
  writeFileSync(`${world.log}.1`, 'late 1\n');
  await readAll(killed);
  appendFileSync(world.log, 'first 3\n');
  await readAll(killed);
  expect(linesOf(lost)).toEqual(['first 1', 'first 2', 'late 1', 'first 3']);
  // A new path makes a checkpoint due.
  writeFileSync(join(world.folder, 'logs', 'other.log'), '');
  await readAll(killed);
  killed.close();
  const output = new LaterOutput();
  const tail = await world.start(output);
  await readAll(tail);
  tail.close();
  expect(linesOf(output).sort()).toEqual(['first 1', 'first 2', 'first 3', 'late 1']);
});

test('a copy that turns up before the output has accepted all of a lost file is not read again', async () => {
  const world = new World();
  const out = join(world.folder, 'out.log');
  writeFileSync(world.log, 'line 1\nline 2\n');
  const output = new FileOutput({ path: out, keep: 0 });
  const tail = await world.start(output);
  await readAll(tail);
  writeFileSync(join(world.folder, 'copy'), readFileSync(world.log));
  truncateSync(world.log, 0);
  await readAll(tail);
  renameSync(join(world.folder, 'copy'), `${world.log}.1`);
  await readAll(tail);
  appendFileSync(world.log, 'line 3\n');
  await readAll(tail);
  tail.save();
  tail.close();
  await output.close();
  expect(readFileSync(out, 'utf8')).toBe('line 1\nline 2\nline 3\n');
});
