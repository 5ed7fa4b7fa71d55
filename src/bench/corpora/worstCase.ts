/**
 * Lines built against our own matching: each is one near miss after the other, so that keywords, anchors and patterns
 * hit everywhere, validators are asked again and again, and nothing comes of it. The same near misses come in lines of
 * 1 KiB and of 16 KiB: equal rates mean that the cost is linear in the length of a line.
 */
import type { Random } from '../random.ts';
import { type CorpusRecipe, clean } from './piece.ts';

const SHORT_LINE_CHARACTERS = 1024;
const LONG_LINE_CHARACTERS = 16 * 1024;

/** What comes close to a rule, to be repeated without an end. */
const NEAR_MISSES: readonly string[] = [
  // e-mail: a run that could be the local part, one @ after the other, a name without a top-level domain
  'first.last.',
  'a@',
  'run@Main.java ',
  // IPv4: a chain of octets, octets that are too large, a version
  '12.34.56.',
  '300.300.300.300 ',
  'v1.2.3.4 ',
  // IPv6 and MAC addresses
  '00:11:22:33:44:5g ',
  'std::vector::',
  // cards and IBANs with a wrong check digit
  '4111111111111112,',
  'card=4111111111111112,',
  'DE89370400440532013001 ',
  '12345678901234567890',
  // phone numbers
  '+99999999999 ',
  '+1-',
  // tokens: starts without an end
  'eyJ',
  'eyJzaG9y.',
  '-----BEGIN PRIVATE KEY ',
  'AKIA',
  'ghp_',
  'deadbeef',
  // assignments without a value
  'password=null ',
  'token=null,',
  'secret: none; ',
  'Authorization: none; ',
  'api_key={} ',
  '://a:b/',
  'https://example.com:8080/',
  // JSON: depth without an end, escapes
  '{"token":null,"a":',
  '["\\"",',
  '\\\\\\"',
];

function nearMissLine(random: Random, characters: number): string {
  const unit = random.pick(NEAR_MISSES);
  return unit.repeat(Math.ceil(characters / unit.length));
}

export const worstCase: CorpusRecipe = {
  name: 'worst',
  description: 'near misses of every rule, lines of 1 KiB',
  separator: '\n',
  piece: (random) => clean(nearMissLine(random, SHORT_LINE_CHARACTERS)),
};

export const worstCaseLong: CorpusRecipe = {
  name: 'worst-16k',
  description: 'the same near misses, lines of 16 KiB',
  separator: '\n',
  piece: (random) => clean(nearMissLine(random, LONG_LINE_CHARACTERS)),
};
