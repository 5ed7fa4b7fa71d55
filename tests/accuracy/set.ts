/** The accuracy set: labelled lines, the same on every machine. Positions are bytes, half open. */
import { Random } from '../../src/bench/random.ts';
import { FORMATS, type Format, type LogEvent } from './formats.ts';
import { LOOK_ALIKES } from './lookAlikes.ts';
import { PERSONAL, type Planted } from './personal.ts';
import {
  BARE_SYNTAXES,
  INVENTED_SERVICES,
  KNOWN_SERVICES,
  NAMED_SYNTAXES,
  VALUE_SHAPES,
} from './providers.ts';
import { SECRETS } from './secrets.ts';
import { shaped } from './values.ts';

/** A text with one planted value, or without any. */
export interface Labelled {
  /** What the text is counted under. */
  readonly group:
    | 'personal data in log formats'
    | 'secrets in log formats'
    | 'secrets by name'
    | 'look-alikes';
  /** Entity, kind of name, or `clean`. */
  readonly kind: string;
  readonly format: string;
  readonly text: string;
  /** Of the planted value; undefined in a text that must stay as it is. */
  readonly value: { readonly start: number; readonly end: number } | undefined;
}

const SEED = 20_260_314;
const MESSAGES = ['order placed', 'profile updated', 'request completed', 'sync finished', 'job retried'];
/** How often each value is planted as a pair and in a sentence, each time in the next format. */
const ROUNDS = 4;

/** Pairs that stand beside what is planted, and are none of anyone's business to redact. */
function filler(random: Random): LogEvent['pairs'] {
  const pairs = [
    ['request_id', shaped(random, '{h8}-{h4}-4{h3}-a{h3}-{h12}')],
    ['duration_ms', String(random.below(9000))],
    ['commit', shaped(random, '{h40}')],
    ['region', 'eu-central-1'],
    ['attempt', String(random.below(5))],
  ] as const;
  return [random.pick(pairs), random.pick(pairs.slice(1))];
}

/** Ways in which formats write a value; the first that stands in the text is its place. */
function placeOf(text: string, value: string): Labelled['value'] {
  const json = JSON.stringify(value).slice(1, -1);
  const spellings = [value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value)];
  for (const spelling of spellings) {
    const at = text.lastIndexOf(spelling);
    if (at === -1) continue;
    const start = Buffer.byteLength(text.slice(0, at));
    return { start, end: start + Buffer.byteLength(spelling) };
  }
  throw new Error('a format lost the value it was given');
}

function planted(group: Labelled['group'], all: readonly Planted[], random: Random): Labelled[] {
  const set: Labelled[] = [];
  const next = (hasMessage: boolean): Format => {
    let format = FORMATS[turn++ % FORMATS.length] as Format;
    while (hasMessage && !format.hasMessage) format = FORMATS[turn++ % FORMATS.length] as Format;
    return format;
  };
  let turn = 0;
  for (const { entity, key, sentence, value } of all) {
    for (let round = 0; round < ROUNDS; round++) {
      for (const inSentence of sentence === undefined ? [false, false] : [false, true]) {
        const format = next(inSentence);
        const text = value(random);
        const message = inSentence ? (sentence ?? '').replace('%', () => text) : random.pick(MESSAGES);
        const [first, second] = filler(random);
        const pairs = [first, ...(inSentence ? [] : [[key, text] as const]), second] as LogEvent['pairs'];
        const line = format.write({ message, pairs }, random);
        set.push({ group, kind: entity, format: format.name, text: line, value: placeOf(line, text) });
      }
    }
  }
  return set;
}

function byName(
  kind: string,
  services: readonly string[],
  syntaxes: readonly string[],
  random: Random,
): Labelled[] {
  const set: Labelled[] = [];
  for (const syntax of syntaxes) {
    for (let round = 0; round < ROUNDS; round++) {
      const service = random.pick(services);
      const value = shaped(random, random.pick(VALUE_SHAPES));
      const capital = service.charAt(0).toUpperCase() + service.slice(1);
      const text = syntax
        .replaceAll('%s', service)
        .replaceAll('%S', service.toUpperCase())
        .replaceAll('%T', capital)
        .replaceAll('%v', value);
      set.push({
        group: 'secrets by name',
        kind,
        format: 'configuration, code, commands',
        text,
        value: placeOf(text, value),
      });
    }
  }
  return set;
}

function lookAlikes(random: Random): Labelled[] {
  const set: Labelled[] = [];
  const clean = (format: string, text: string): void => {
    set.push({ group: 'look-alikes', kind: 'clean', format, text, value: undefined });
  };
  let turn = 0;
  for (const line of LOOK_ALIKES) {
    const isMessage = line.startsWith('% ');
    for (let round = 0; round < ROUNDS; round++) {
      const text = shaped(random, isMessage ? line.slice(2) : line);
      clean('as it is', text);
      if (!isMessage) continue;
      const format = FORMATS[turn++ % FORMATS.length] as Format;
      clean(format.name, format.write({ message: text, pairs: filler(random) }, random));
    }
  }
  return set;
}

/** All labelled texts. */
export function accuracySet(): Labelled[] {
  const random = new Random(SEED);
  return [
    ...planted('personal data in log formats', PERSONAL, random),
    ...planted('secrets in log formats', SECRETS, random),
    ...byName('known service, with a word', KNOWN_SERVICES, NAMED_SYNTAXES, random),
    ...byName('unknown service, with a word', INVENTED_SERVICES, NAMED_SYNTAXES, random),
    ...byName('known service alone', KNOWN_SERVICES, BARE_SYNTAXES, random),
    ...lookAlikes(random),
  ];
}
