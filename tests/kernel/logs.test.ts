/**
 * The engine against RE2 on real logs with patterns as rules have them. Needs the corpora folder ($LOGVEIL_CORPORA or
 * ../shared/corpora, with entities.json beside it); skipped where that is not at hand.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import { KernelEngine } from '../../src/kernel/engine.ts';
import { engineHits, re2Hits } from './blocks.ts';

const corpora =
  process.env.LOGVEIL_CORPORA ?? fileURLToPath(new URL('../../../shared/corpora', import.meta.url));
const inventory = join(corpora, '../entities.json');
/** Of each file; from its middle. */
const PIECE_BYTES = Number(process.env.LOGVEIL_LOG_BYTES ?? 8000);

describe.skipIf(!existsSync(inventory) || !existsSync(join(corpora, 'loghub')))(
  'kernel engine on real logs',
  () => {
    it('finds what RE2 finds for each entity pattern', () => {
      const entities = JSON.parse(readFileSync(inventory, 'utf8')) as
        | { regex: string }[]
        | Record<string, { regex: string }>;
      const specs = Object.values(entities).map(({ regex }) => ({
        source: regex,
        group: (new RE2(`${regex}|`, 'g').exec('')?.length ?? 1) > 1 ? 1 : 0,
      }));
      const engine = new KernelEngine(specs);
      let count = 0;
      for (const name of readdirSync(join(corpora, 'loghub'))) {
        const file = readFileSync(join(corpora, 'loghub', name));
        const middle = file.length >> 1;
        // Invalid bytes are replaced before an engine sees them.
        const text = Buffer.from(
          file
            .subarray(middle, middle + PIECE_BYTES)
            .toString('utf8')
            .replaceAll('\ufffd', '\x1a'),
        );
        const wanted = re2Hits(specs, text);
        count += wanted.length;
        expect(engineHits(engine, text), name).toEqual(wanted);
      }
      expect(count).toBeGreaterThan(1000);
    });
  },
);
