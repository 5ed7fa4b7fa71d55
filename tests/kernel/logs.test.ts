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
      const regexes = specs.map(({ source }) => new RE2(source, 'gd'));
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
        engine.window.set(text);
        engine.scan(0, text.length);
        const got: string[] = [];
        while (engine.next()) {
          const { pattern, start, end, valueStart, valueEnd } = engine.match;
          got.push([pattern, start, end, valueStart, valueEnd].join());
        }
        const wanted: string[] = [];
        for (let begin = 0; begin < text.length; ) {
          const found = text.indexOf(10, begin);
          const end = found < 0 ? text.length : found;
          const line = text.subarray(begin, found > begin && text[end - 1] === 13 ? end - 1 : end);
          for (const [pattern, regex] of regexes.entries()) {
            for (let from = 0; from <= line.length; ) {
              regex.lastIndex = from;
              const indices = regex.exec(line)?.indices as
                | (readonly [number, number] | undefined)[]
                | undefined;
              if (indices === undefined) break;
              const whole = indices[0] as readonly [number, number];
              const value = indices[(specs[pattern] as { group: number }).group] ?? [whole[0], whole[0]];
              wanted.push([pattern, ...[...whole, ...value].map((at) => at + begin)].join());
              from = whole[1] === whole[0] ? whole[1] + 1 : whole[1];
            }
          }
          begin = end + 1;
        }
        count += wanted.length;
        expect(got.sort(), name).toEqual(wanted.sort());
      }
      expect(count).toBeGreaterThan(1000);
    });
  },
);
