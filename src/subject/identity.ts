/**
 * What a person is asked for by, and how it may be spelt in logs. Fingerprints are over the value as it stands in the log
 * (decoded, otherwise untouched), so a search by fingerprint tries spellings; a search in the files themselves matches a
 * pattern that takes all of them. Spellings: RFC 5321 and 5233 for addresses, ITU-T E.123 and RFC 3966 for phone numbers,
 * ISO 13616 for IBANs, RFC 5952 for IPv6.
 */
import { isIP, isIPv4 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import type * as PhoneLibrary from 'libphonenumber-js/max';
import { UsageError } from '../errors.ts';
import { groupings } from './groupings.ts';
import { compressedIpv6, fullIpv6 } from './ipSpellings.ts';

export type Kind = 'email' | 'phone' | 'iban' | 'ip' | 'mac' | 'number' | 'text';

export interface Identity {
  readonly kind: Kind;
  /** Each is tried under each entity. */
  readonly spellings: readonly string[];
  /** RE2; its first group is the value, in whatever spelling. */
  readonly pattern: string;
}

export interface IdentityOptions {
  /** Told by the value itself when not given. */
  readonly kind?: Kind;
  /** Country of phone numbers without one, ISO 3166-1. */
  readonly region?: string;
  /** Sub-addresses to try, `shop` for `anna+shop@...`. */
  readonly tags: readonly string[];
  readonly phones: typeof PhoneLibrary;
}

/** A shorter value would be found everywhere. */
const LEAST_CHARACTERS = 4;
const EMAIL = /^([^@\s]{1,64})@([^@\s]{3,253})$/;
const IBAN = /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/;
const MAC = /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/i;
/** Not within a word or a longer number. */
const BEFORE = '(?:^|[^0-9A-Za-z])';
const AFTER = '(?:$|[^0-9A-Za-z])';

/**
 * @param value as a person writes it; not kept, and never part of a message
 * @throws UsageError when it is too short, or not of the kind that was told
 */
export function identify(value: string, options: IdentityOptions): Identity {
  const text = value.normalize('NFC').trim();
  if ([...text].length < LEAST_CHARACTERS) {
    throw new UsageError(
      `expected a value of at least ${LEAST_CHARACTERS} characters; a shorter one is found everywhere`,
    );
  }
  const kind = options.kind ?? kindOf(text, options);
  const identity = MAKERS[kind](text, options);
  if (identity === undefined) throw new UsageError(`--kind ${kind}: the value does not look like one`);
  const spellings = [...new Set([value, text, ...identity.spellings])].filter((spelling) => spelling !== '');
  return { kind, spellings, pattern: identity.pattern };
}

type Maker = (text: string, options: IdentityOptions) => Omit<Identity, 'kind'> | undefined;

const MAKERS: Readonly<Record<Kind, Maker>> = { email, phone, iban, ip, mac, number, text: plain };

function kindOf(text: string, { phones, region }: IdentityOptions): Kind {
  if (EMAIL.test(text)) return 'email';
  if (isIP(text) !== 0) return 'ip';
  if (MAC.test(text) && /[a-f:-]/i.test(text)) return 'mac';
  if (IBAN.test(compact(text).toUpperCase())) return 'iban';
  if (/^\+?[\d\s().\-/]+$/.test(text)) {
    const parsed = phones.parsePhoneNumberFromString(text, region as PhoneLibrary.CountryCode | undefined);
    return parsed?.isValid() && (text.startsWith('+') || region !== undefined) ? 'phone' : 'number';
  }
  return 'text';
}

/** The domain in any case, the local part as people write names; with and without sub-addresses. */
function email(text: string, { tags }: IdentityOptions): Omit<Identity, 'kind'> | undefined {
  const [, fullLocal, domain] = EMAIL.exec(text) ?? [];
  if (fullLocal === undefined || domain === undefined) return undefined;
  const local = fullLocal.split('+', 1)[0] || fullLocal;
  const ascii = domainToASCII(domain.toLowerCase()) || domain.toLowerCase();
  const domains = [
    ...new Set([domain, domain.toLowerCase(), domain.toUpperCase(), ascii, domainToUnicode(ascii)]),
  ];
  const locals = [fullLocal, local, ...tags.map((tag) => `${local}+${tag}`)].flatMap((one) => [
    ...cases(one),
  ]);
  const spellings = locals.flatMap((one) =>
    domains.flatMap((name) => [`${one}@${name}`, `${one}%40${name}`]),
  );
  const names = [...new Set([ascii, domainToUnicode(ascii)])].map(escaped).join('|');
  return {
    spellings,
    // A dot behind ends a sentence, unless the name goes on.
    pattern: `(?i)(?:^|[^0-9A-Za-z._%+\\-]|%[0-9A-F]{2})(${escaped(local)}(?:\\+[^\\s@"'<>,;&]{0,64})?(?:@|%40)(?:${names}))(?:$|\\.$|[^0-9A-Za-z.\\-]|\\.[^0-9A-Za-z\\-]|-[^0-9A-Za-z])`,
  };
}

function phone(text: string, { phones, region }: IdentityOptions): Omit<Identity, 'kind'> | undefined {
  const parsed = phones.parsePhoneNumberFromString(text, region as PhoneLibrary.CountryCode | undefined);
  if (parsed === undefined) return undefined;
  const { countryCallingCode: code, nationalNumber } = parsed;
  const international = parsed.formatInternational();
  const national = parsed.formatNational();
  const digits = national.replace(/\D/g, '');
  const trunk = digits.endsWith(nationalNumber) ? digits.slice(0, digits.length - nationalNumber.length) : '';
  const parts = international.split(' ').slice(1);
  const grouped = [...['', ' ', '-', '.', '/'].map((mark) => parts.join(mark)), nationalNumber];
  const prefixes = ['+', '00', '', 'tel:+'].flatMap((start) =>
    ['', ' ', '-', '.'].flatMap((mark) => [
      `${start}${code}${mark}`,
      `${start}${code}${mark}(0)`,
      `${start}${code}${mark}(0) `,
    ]),
  );
  const nationals = ['', ' ', '-', '.', '/'].flatMap((mark) => [
    national.replace(/[\s\-./()]+/g, mark),
    `${trunk}${parts.join(mark)}`,
    `(${trunk}${parts[0] ?? ''})${mark}${parts.slice(1).join(mark)}`,
  ]);
  const between = '[\\s().\\-/]{0,3}';
  const spelled = (text: string): string => [...text].join(between);
  const before = `(?:\\+|00)?${between}${spelled(code)}${between}(?:0${between})?`;
  return {
    spellings: [
      parsed.number,
      international,
      national,
      digits,
      ...nationals,
      ...prefixes.flatMap((prefix) => grouped.map((rest) => prefix + rest)),
    ],
    pattern: `(?:^|[^0-9A-Za-z+])((?:${before}|${trunk === '' ? '' : spelled(trunk) + between})${spelled(nationalNumber)})(?:$|[^0-9])`,
  };
}

function iban(text: string): Omit<Identity, 'kind'> | undefined {
  const value = compact(text).toUpperCase();
  return IBAN.test(value) ? separated(value) : undefined;
}

function number(text: string): Omit<Identity, 'kind'> {
  return separated(compact(text));
}

/** With and without blanks, dashes, dots and slashes, in the groups that are usual. */
function separated(value: string): Omit<Identity, 'kind'> {
  const spellings = [value, value.toLowerCase(), value.toUpperCase()].flatMap((one) => groupings(one));
  const pattern = [...value].map(escaped).join('[ .\\-/]?');
  return { spellings, pattern: `(?i)${BEFORE}(${pattern})${AFTER}` };
}

function ip(text: string): Omit<Identity, 'kind'> | undefined {
  if (isIPv4(text)) {
    return {
      spellings: [text, `::ffff:${text}`],
      pattern: `(?:^|[^0-9.])(${escaped(text)})(?:$|[^0-9.]|\\.(?:$|[^0-9]))`,
    };
  }
  const full = fullIpv6(text);
  if (full === undefined) return undefined;
  const groups = full.split(':');
  const short = groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':');
  const spellings = [text, full, short, compressedIpv6(full)].flatMap((one) => [
    one,
    one.toLowerCase(),
    one.toUpperCase(),
  ]);
  const pattern = [...new Set(spellings.map((one) => one.toLowerCase()))].map(escaped).join('|');
  return { spellings, pattern: `(?i)(?:^|[^0-9a-f:])(${pattern})(?:$|[^0-9a-f:])` };
}

function mac(text: string): Omit<Identity, 'kind'> | undefined {
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase();
  if (digits.length !== 12) return undefined;
  const pairs = digits.match(/../g) ?? [];
  const forms = [pairs.join(':'), pairs.join('-'), (digits.match(/.{4}/g) ?? []).join('.'), digits];
  return {
    spellings: forms.flatMap((form) => [form, form.toUpperCase()]),
    pattern: `(?i)${BEFORE}(${pairs.join('[:.\\-]?')})${AFTER}`,
  };
}

/** Names and accounts: any case, any blanks between the words. */
function plain(text: string): Omit<Identity, 'kind'> {
  const words = text.split(/\s+/);
  const joined = [
    text,
    words.join(' '),
    words.join('_'),
    words.join('.'),
    words.join('-'),
    [...words].reverse().join(' '),
  ];
  if (words.length > 1) joined.push([...words].reverse().join(', '));
  const forms = joined.flatMap((one) => [one.normalize('NFC'), one.normalize('NFD')]);
  const orders = [
    ...new Set([words, [...words].reverse()].map((order) => order.map(escaped).join('[\\s_.,+\\-]{1,3}'))),
  ];
  return {
    spellings: forms.flatMap((one) => [...cases(one)]),
    pattern: `(?i)(?:^|[^0-9A-Za-z\\pL\\pN])(${orders.join('|')})(?:$|[^0-9A-Za-z\\pL\\pN])`,
  };
}

/** As it is, lower, upper, and each word with a capital. */
function* cases(text: string): Generator<string> {
  yield text;
  yield text.toLowerCase();
  yield text.toUpperCase();
  const lower = text.toLowerCase();
  yield lower.replace(/(?<![\p{L}\p{N}])\p{L}/gu, (letter) => letter.toUpperCase());
  yield lower.replace(/^\p{L}/u, (letter) => letter.toUpperCase());
}

function compact(text: string): string {
  return text.replace(/[\s.\-/]/g, '');
}

/** For RE2: every character stands for itself. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
