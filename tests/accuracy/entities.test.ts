/**
 * The entity inventory that the packs were written from, where it is at hand (`entities.json` beside the corpora): each
 * sample has to be found by the rules, with a word beside it where the inventory says that one is needed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSanitizer } from '../../src/app/sanitizer.ts';
import { KEY_HEX } from '../scan/support.ts';

const folder = process.env.LOGVEIL_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora');
const path = join(folder, '../entities.json');
const reason = existsSync(path) ? '' : ' (skipped: entities.json is not at hand)';

const inventory = z.array(z.object({ id: z.string(), sample: z.string(), context: z.string() }));

/** How a log names the number, for entities that nothing but a name tells. */
const NAMES: Readonly<Record<string, string>> = {
  phone_nat: 'telephone',
  imei: 'imei',
  imsi: 'imsi',
  iccid: 'iccid',
  vin: 'vin',
  postcode_uk: 'postcode',
  card: 'card',
  bic: 'bic',
  us_rtn: 'routing number',
  uk_sort_acct: 'sort code and account',
  eth_addr: 'wallet',
  at_svnr: 'Sozialversicherungsnummer',
  be_nn: 'rijksregisternummer',
  bg_egn: 'EGN',
  hr_oib: 'OIB',
  cy_tic: 'tax identification code',
  cz_sk_rc: 'rodne cislo',
  dk_cpr: 'CPR',
  ee_lt_id: 'isikukood',
  fr_nir: 'nir',
  fr_spi: 'numéro fiscal',
  de_idnr: 'Steuer-ID',
  de_kvnr: 'Krankenversichertennummer',
  de_ausweis: 'Personalausweis',
  gr_amka: 'AMKA',
  gr_afm: 'AFM',
  hu_taj: 'TAJ',
  hu_adoazon: 'adóazonosító',
  ie_pps: 'PPS number',
  lv_pk: 'personas kods',
  mt_id: 'Malta ID card',
  nl_bsn: 'BSN',
  pl_pesel: 'PESEL',
  pl_dowod: 'dowód osobisty',
  pt_nif: 'NIF',
  pt_cc: 'cartão de cidadão',
  ro_cnp: 'CNP',
  si_emso: 'EMŠO',
  es_dni_nie: 'DNI',
  es_nss: 'seguridad social',
  se_pnr: 'personnummer',
  is_kt: 'kennitala',
  no_fnr: 'fødselsnummer',
  uk_nino: 'national insurance number',
  uk_nhs: 'NHS number',
  uk_utr: 'UTR',
  us_ssn: 'SSN',
  us_itin: 'ITIN',
  us_npi: 'NPI',
  us_dea: 'DEA number',
  us_mbi: 'Medicare beneficiary',
  ca_sin: 'SIN',
  ca_bc_phn: 'personal health number',
  au_tfn: 'TFN',
  au_medicare: 'medicare',
  au_abn: 'ABN',
  in_aadhaar: 'aadhaar',
  in_pan: 'PAN card',
  in_epic: 'voter id',
  br_cpf: 'CPF',
  br_cnpj: 'CNPJ',
  br_pis: 'PIS',
  tr_kimlik: 'T.C. kimlik no',
  twilio: 'twilio key',
  seed_phrase: 'seed phrase:',
  wif: 'wif',
};

/**
 * Samples that are refused on purpose: an ICCID that is not Luhn's, a word for no value, and tokens of one repeated letter
 * whose alphabet or fixed parts `varied` does not know.
 */
const REFUSED: readonly string[] = ['iccid', 'special_kv', 'huggingface', 'atlassian', 'age_key'];

/** Samples show lengths by one repeated letter, which the rules take for a mask: other characters in its place. */
function varied(sample: string): string {
  const varieties = '0a9f3b7c5d1e8264';
  return sample.replace(/([A-Za-z0-9])\1{11,}/g, (run) => {
    const text = Array.from(run, (_, index) => varieties[(index * 7) % varieties.length]).join('');
    return /[A-Z]/.test(run) ? text.toUpperCase() : text;
  });
}

function entries(): z.infer<typeof inventory> {
  return existsSync(path) ? inventory.parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
}

describe(`the entity inventory${reason}`, () => {
  it.skipIf(reason !== '')('has a rule for each entity, which finds its sample', () => {
    const sanitizer = createSanitizer({
      rules: ['all'],
      engine: 'kernel',
      key: KEY_HEX,
      keepPrivateIps: false,
    });
    const missed = entries().filter(({ id, sample: shown }) => {
      const sample = varied(shown);
      const name = NAMES[id];
      const text = name === undefined ? `value ${sample} seen` : `${name} ${sample} seen`;
      return !REFUSED.includes(id) && sanitizer.scan(`${text}\n`).length === 0;
    });
    expect(missed.map(({ id }) => id)).toEqual([]);
  });
});
