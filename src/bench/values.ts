/**
 * Made-up values for log lines. Addresses and names come from the ranges set aside for such use (RFC 2544, RFC 2606),
 * so that no value can belong to anyone.
 */
import type { Random } from './random.ts';

const FIRST_NAMES = [
  'ana',
  'ben',
  'chloe',
  'dmitri',
  'elif',
  'farid',
  'greta',
  'hiro',
  'ines',
  'jonas',
  'kim',
  'lena',
];
const LAST_NAMES = [
  'silva',
  'kaya',
  'meyer',
  'okafor',
  'rossi',
  'tanaka',
  'novak',
  'dubois',
  'larsen',
  'garcia',
];
const DOMAINS = ['example.com', 'example.org', 'example.net', 'mail.example.com', 'shop.example.org'];
const WORDS = [
  'zebra',
  'tango',
  'mitten',
  'walnut',
  'harbor',
  'violet',
  'pepper',
  'saddle',
  'anchor',
  'meadow',
];

const LETTERS = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';
const HEX_DIGITS = '0123456789abcdef';

/** Some 10 million different addresses. */
export function email(random: Random): string {
  return `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}${random.below(20_000)}@${random.pick(DOMAINS)}`;
}

/** One of the 131,072 addresses of 198.18.0.0/15, which is set aside for benchmarks. */
export function ipv4(random: Random): string {
  return `198.${random.between(18, 19)}.${random.below(256)}.${random.below(256)}`;
}

/** A private address, which is kept by default. */
export function privateIpv4(random: Random): string {
  return `10.${random.below(4)}.${random.below(256)}.${random.between(1, 254)}`;
}

/** Looks random to any measure of randomness: letters and digits by turns. */
export function token(random: Random): string {
  let text = '';
  for (let i = 0; i < 12; i++) text += LETTERS[random.below(LETTERS.length)] + String(random.below(10));
  return text;
}

/** As people choose them. */
export function password(random: Random): string {
  return `${random.pick(WORDS)}-${random.between(1000, 9999)}${random.pick(['!', '#', 'x', 'Z'])}`;
}

/** Begins with a letter: digits alone would be a payment card once in a while. */
export function hex(random: Random, digits: number): string {
  let text = HEX_DIGITS[random.between(10, 15)];
  while (text.length < digits) text += HEX_DIGITS[random.below(16)];
  return text;
}

/** In the form of a UUID, version 4. */
export function uuid(random: Random): string {
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`;
}

/** `2026-03-14T09:21:07.412Z`, some time on that day. */
export function isoTime(random: Random): string {
  return `2026-03-14T${clock(random)}.${padded(random.below(1000), 3)}Z`;
}

/** `09:21:07` */
export function clock(random: Random): string {
  return `${padded(random.below(24), 2)}:${padded(random.below(60), 2)}:${padded(random.below(60), 2)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
