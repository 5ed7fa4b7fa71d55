/** Personal data of the accuracy set: how each entity's values look, and the names and words that stand beside them. */

import type { Random } from '../../src/bench/random.ts';
import { email, ipv4 } from '../../src/bench/values.ts';
import { shaped, valid } from './values.ts';

/** An entity, as it is planted. */
export interface Planted {
  readonly entity: string;
  /** Name under which it stands as a pair. */
  readonly key: string;
  /** Text with `%` for the value; undefined where the value can't be told in a sentence. */
  readonly sentence?: string;
  value(random: Random): string;
}

const FIRST = ['Ana', 'Chloé', 'Dmitri', 'Elif', 'Farid', 'Greta', 'Hiroshi', 'Inês', 'Jonas', 'Łukasz'];
const LAST = [
  'Silva',
  'Kaya',
  'Meyer',
  'Okafor',
  "O'Brien",
  'Tanaka',
  'Nováková',
  'Dubois',
  'Larsen',
  'García',
];
const STREETS = [
  'Lindenweg 17',
  '221B Baker Street',
  '12 rue de la Paix',
  'Calle Mayor 5, 3A',
  'Via Roma 21',
];

/** A number with a check: `sentence` names it as people do. */
function id(entity: string, key: string, sentence: string, shape: string, ...checks: string[]): Planted {
  return { entity, key, sentence, value: (random) => valid(random, shape, ...checks) };
}

function made(entity: string, key: string, sentence: string | undefined, value: Planted['value']): Planted {
  return { entity, key, ...(sentence !== undefined && { sentence }), value };
}

export const PERSONAL: readonly Planted[] = [
  made('EMAIL_ADDRESS', 'user', 'mail to % bounced', email),
  made('IP_ADDRESS', 'client', 'refused connection from %', ipv4),
  made('IP_ADDRESS', 'peer', 'handshake with % timed out', (r) => shaped(r, '2001:db8:{h4}:{h4}::1{h3}')),
  id('MAC_ADDRESS', 'station', 'station % associated', '3c:22:fb:{h2}:{h2}:{h2}', 'mac'),
  id('CREDIT_CARD', 'pan', 'card % declined', '4{#15}', 'luhn', 'card-issuer'),
  id('CREDIT_CARD', 'card', 'charge of card % failed', '5{#1}{#2} {#4} {#4} {#4}', 'luhn', 'card-issuer'),
  id('CREDIT_CARD', 'amex', 'paid with %', '37{#2}-{#6}-{#5}', 'luhn', 'card-issuer'),
  id('IBAN_CODE', 'account', 'transfer to % booked', 'DE{#20}', 'iban'),
  id('IBAN_CODE', 'iban', 'payout to % sent', 'GB{#2}NWBK{#14}', 'iban'),
  made('PHONE_NUMBER', 'phone', 'text message to % sent', (r) => shaped(r, '+49151{#8}')),
  made('PHONE_NUMBER', 'mobile', 'called % twice', (r) => shaped(r, '+44 7400 {#6}')),
  id('IMEI', 'imei', 'device with IMEI % enrolled', '35{#13}', 'imei'),
  id('CRYPTO', 'wallet', 'deposit to % confirmed', '0x{h40}'),
  made('ADVERTISING_ID', 'idfa', undefined, (r) => shaped(r, '{H8}-{H4}-4{H3}-A{H3}-{H12}')),
  made('COOKIE_ID', '_ga', undefined, (r) => shaped(r, 'GA1.2.{#9}.17734{#5}')),
  made('PERSON', 'full_name', undefined, (r) => `${r.pick(FIRST)} ${r.pick(LAST)}`),
  made('PERSON', 'lastName', undefined, (r) => r.pick(LAST)),
  made('ADDRESS', 'street_address', undefined, (r) => r.pick(STREETS)),
  made(
    'DATE_OF_BIRTH',
    'birth_date',
    'born on: date of birth %',
    (r) => `19${r.between(50, 99)}-0${r.between(1, 9)}-1${r.below(10)}`,
  ),
  made('HEALTH_DATA', 'diagnosis', undefined, (r) => r.pick(['E11.9', 'asthma', 'migraine with aura'])),
  made('SPECIAL_CATEGORY', 'religion', undefined, (r) => r.pick(['catholic', 'muslim', 'none declared'])),
  id('US_SSN', 'ssn', 'SSN % on file', '5{#2}-{#2}-{#4}', 'us-ssn'),
  id('US_ITIN', 'itin', 'ITIN % verified', '9{#2}-7{#1}-{#4}', 'us-itin'),
  id('UK_NHS', 'nhs_number', 'NHS number % matched', '9{#9}', 'gb-nhs'),
  id('UK_NINO', 'nino', 'national insurance number % added', 'AB{#6}C', 'gb-nino'),
  id('DE_TAX_ID', 'steuer_id', 'Steuer-ID % erfasst', '{#11}', 'de-idnr'),
  id('FR_NIR', 'numero_securite_sociale', 'numéro de sécurité sociale % reçu', '2{#14}', 'fr-nir'),
  id('ES_NIF', 'dni', 'DNI % validado', '{#8}{A1}', 'es-dni-nie'),
  id('NL_BSN', 'bsn', 'BSN % gevonden', '{#9}', 'nl-bsn'),
  id('PL_PESEL', 'pesel', 'PESEL % zapisany', '8{#10}', 'pl-pesel'),
  id('SE_PERSONNUMMER', 'personnummer', 'personnummer % registrerat', '8{#5}-{#4}', 'se-pnr'),
  id('FI_PERSONAL_IDENTITY_CODE', 'hetu', 'henkilötunnus % tallennettu', '1{#1}0{#3}-{#3}{W1}', 'fi-hetu'),
  id('CH_AHV', 'ahv', 'AHV-Nummer % erfasst', '756.{#4}.{#4}.{#2}', 'ch-ahv'),
  id('NO_FODSELSNUMMER', 'fodselsnummer', 'fødselsnummer % lagret', '1{#1}0{#8}', 'no-fnr'),
  id('BR_CPF', 'cpf', 'CPF % validado', '{#3}.{#3}.{#3}-{#2}', 'br-cpf'),
  id('CA_SIN', 'sin', 'SIN % on record', '4{#2} {#3} {#3}', 'ca-sin'),
  id('AU_TFN', 'tfn', 'TFN % lodged', '{#9}', 'au-tfn'),
  id('IN_AADHAAR', 'aadhaar', 'Aadhaar % linked', '4{#11}', 'in-aadhaar'),
  id(
    'IT_FISCAL_CODE',
    'codice_fiscale',
    'codice fiscale % registrato',
    'RSSMR{A1}8{#1}A4{#1}H501{A1}',
    'it-fiscal-code',
  ),
  id('IE_PPS', 'ppsn', 'PPS number % on file', '{#7}{A1}', 'ie-pps'),
  id(
    'BE_NATIONAL_NUMBER',
    'rijksregisternummer',
    'rijksregisternummer % gevonden',
    '8{#1}.0{#1}.1{#1}-{#3}.{#2}',
    'be-nn',
  ),
];
