/** A line read in windows, each in a buffer of its own, gives the tokens of one pass cut at the snapshots. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLexer, MAX_UNIT_BYTES } from '../../src/json/lexer.ts';
import {
  type JsonTokens,
  MAX_CARRIED_KEYS,
  MAX_KEY_NAME_BYTES,
  NO_KEY,
  TokenFlag,
  TokenKind,
} from '../../src/json/tokens.ts';
import { bytesOf, decoded, isStringKind, jsonText, logLine, pathOf } from './support.ts';

/** A token by its place in the line. */
interface Piece {
  readonly kind: number;
  readonly start: number;
  end: number;
  escaped: boolean;
  structural: boolean;
  open: boolean;
  /** Decoded text of strings, hex to see each byte. */
  decoded: string;
  /** Name of a key as the tokens tell it. */
  name: string;
  readonly path: readonly string[];
}

interface Reading {
  readonly pieces: Piece[];
  readonly fragments: [number, number][];
}

/** Widths of the windows and of the look ahead behind their snapshots, used in turn. */
type Cuts = readonly (readonly [width: number, ahead: number])[];

function readInWindows(line: Buffer, cuts: Cuts): Reading {
  const lexer = new JsonLexer();
  const { tokens } = lexer;
  const reading: Reading = { pieces: [], fragments: [] };
  let position = 0;
  let stuck = 0;
  for (let turn = 0; ; turn++) {
    const [width, ahead] = cuts[turn % cuts.length];
    // The margin stands for whatever else a caller's buffer holds; looking at it would change the outcome.
    const margin = turn % 3;
    const end = Math.min(line.length, position + width + ahead);
    const buffer = Buffer.alloc(margin + end - position + 2, '"');
    line.copy(buffer, margin, position, end);
    const isFinal = end === line.length;
    const snapshotAt = isFinal ? -1 : margin + width;
    const to = margin + end - position;
    const taken =
      turn === 0
        ? lexer.lex(buffer, margin, to, isFinal, snapshotAt)
        : lexer.resume(buffer, margin, to, isFinal, snapshotAt);
    const committed = isFinal ? buffer.length : taken;
    collect(reading, tokens, committed, position - margin);
    if (isFinal) return reading;
    expect(lexer.snapshot?.offset).toBe(taken);
    position += taken - margin;
    stuck = taken === margin ? stuck + 1 : 0;
    expect(stuck).toBeLessThan(2);
    // So that nothing of the old buffer can be read later.
    buffer.fill('x');
  }
}

function collect(reading: Reading, tokens: JsonTokens, committed: number, shift: number): void {
  for (let token = 0; token < tokens.count && tokens.starts[token] < committed; token++) {
    const kind = tokens.kinds[token];
    const end = Math.min(tokens.ends[token], committed);
    const interiorEnd = Math.min(tokens.interiorEnd(token), committed);
    const interiorStart = Math.min(tokens.interiorStart(token), interiorEnd);
    const piece: Piece = {
      kind,
      start: tokens.starts[token] + shift,
      end: end + shift,
      escaped: tokens.isEscaped(token),
      structural: tokens.isStructural(token),
      open: tokens.isOpen(token),
      decoded: isStringKind(kind)
        ? decoded(tokens.bytes, interiorStart, interiorEnd, kind === TokenKind.Quoted).toString('hex')
        : '',
      name: kind === TokenKind.Key ? Buffer.from(tokens.keyName(token)).toString('hex') : '',
      path: pathOf(tokens, token),
    };
    const last = reading.pieces.at(-1);
    if (!tokens.isContinued(token) || last === undefined || last.end !== piece.start) {
      reading.pieces.push(piece);
      continue;
    }
    expect(piece.kind).toBe(last.kind);
    expect(piece.path).toEqual(last.path);
    last.end = piece.end;
    last.escaped ||= piece.escaped;
    last.structural &&= piece.structural;
    last.open = piece.open;
    last.decoded += piece.decoded;
    last.name = piece.name;
  }
  for (let fragment = 0; fragment < tokens.fragmentCount; fragment++) {
    const start = tokens.fragmentStarts[fragment] + shift;
    const end = Math.min(tokens.fragmentEnds[fragment], committed) + shift;
    if (start >= committed + shift) break;
    const last = reading.fragments.at(-1);
    if (tokens.fragmentFlags[fragment] & TokenFlag.Continued && last?.[1] === start) last[1] = end;
    else reading.fragments.push([start, end]);
  }
}

/** Without the quoted runs that only windows report, and where these can't know the end. */
function comparable(line: Buffer, pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece) => {
    if (piece.kind !== TokenKind.Quoted) return [piece];
    if (!piece.escaped || (piece.open && piece.end === line.length)) return [];
    if (!piece.open) return [piece];
    // Without look ahead a window takes the brace that turns out to begin JSON for a part of the run.
    const text = line.toString('latin1', piece.start, piece.end).replace(/[{[]\s*$/, '');
    return [{ ...piece, end: piece.start + text.length, decoded: '' }];
  });
}

const onePass = (line: Buffer): Reading => readInWindows(line, [[line.length, 0]]);

const cuts: fc.Arbitrary<Cuts> = fc.array(
  fc.tuple(fc.integer({ min: MAX_UNIT_BYTES, max: 40 }), fc.oneof(fc.constant(0), fc.nat({ max: 40 }))),
  { minLength: 1, maxLength: 5 },
);

describe('windows', () => {
  test('of JSON, whole or cut off, give what one pass gives', () => {
    fc.assert(
      fc.property(jsonText, fc.nat(), cuts, (text, cutAt, windows) => {
        const whole = bytesOf(text);
        for (const line of [whole, whole.subarray(0, (cutAt % whole.length) + 1)]) {
          expect(readInWindows(line, windows)).toEqual(onePass(line));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of any line give the tokens of one pass, except that errors do not reach back', () => {
    fc.assert(
      fc.property(logLine, cuts, (line, windows) => {
        const expected = comparable(line, onePass(line).pieces);
        const found = comparable(line, readInWindows(line, windows).pieces);
        for (const [index, piece] of found.entries()) {
          if (expected[index]?.structural === false) piece.structural = false;
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('other lines may be read between windows, and a snapshot used again, in another lexer too', () => {
    const line = bytesOf('{"outer":{"first":"value","second":["x","y"]}}');
    const lexer = new JsonLexer();
    const offset = lexer.lex(line, 0, 20, false, 15);
    const { snapshot } = lexer;
    lexer.lex(bytesOf('{"other":[[["deep"]]]}'), 0, 22);
    expect(lexer.snapshot).toBe(snapshot);
    for (const reader of [lexer, new JsonLexer()]) {
      reader.resume(line, offset, line.length, true, -1, snapshot);
      expect(pathOf(reader.tokens, reader.tokens.count - 1)).toEqual(['second', 'outer']);
      expect(Buffer.from(reader.tokens.keyName(0)).toString()).toBe('first');
    }
    lexer.lex(line, offset, line.length);
    expect(lexer.tokens.keys[0]).toBe(NO_KEY);
  });

  test('resuming needs a snapshot', () => {
    expect(() => new JsonLexer().resume(bytesOf('1]'), 0, 2)).toThrow('no snapshot');
  });

  test('a number longer than the windows does not stop them', () => {
    const line = bytesOf(`{"n":${'7'.repeat(500)}}`);
    expect(readInWindows(line, [[20, 3]])).toEqual(onePass(line));
  });

  test('names and levels beyond the limits are cut', () => {
    const long = 'k'.repeat(MAX_KEY_NAME_BYTES + 50);
    const levels = MAX_CARRIED_KEYS + 10;
    const line = bytesOf(`${`{"${long}":`.repeat(levels)}["value",1`);
    const lexer = new JsonLexer();
    const offset = lexer.lex(line, 0, line.length, false, line.length - 3);
    lexer.resume(line, offset, line.length);
    expect(pathOf(lexer.tokens, 0)).toEqual(Array(MAX_CARRIED_KEYS).fill('k'.repeat(MAX_KEY_NAME_BYTES)));
  });
});
