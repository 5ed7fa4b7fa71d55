/**
 * Checks of identification numbers. The values were made for this test and confirmed with another implementation
 * (the npm package stdnum) where it has the number in question.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { code, isDate, isLuhn, isMod11Pure10, isVerhoeff, readCode } from '../../src/validators/code.ts';
import { keccak256 } from '../../src/validators/keccak.ts';
import { accepts, check, refuses, utf8 } from './helpers.ts';

const CHECKED: readonly (readonly [validator: string, valid: readonly string[]])[] = [
  ['at-svnr', ['2020010993', '8283110889']],
  ['at-tin', ['230414369', '077333086']],
  ['au-abn', ['99024922182', '52001402956']],
  ['au-acn', ['595584106', '382023789']],
  ['au-medicare', ['4222428805', '2924909748']],
  ['au-tfn', ['460106152', '343364052']],
  ['be-nn', ['64092157508', '84060512873']],
  ['bg-egn', ['6702014313', '7105176806']],
  ['bg-pnf', ['6328628872', '1771422817']],
  ['br-cnh', ['38399315824', '73166761657']],
  ['br-cnpj', ['32537367000135', '68490763000100']],
  ['br-cpf', ['81916755526', '30853966168']],
  ['br-pis', ['98609097734', '35959587309']],
  ['ca-bc-phn', ['9239705015', '9703362137']],
  ['ca-on-health', ['7660188207', '7448001458']],
  ['ca-sin', ['125508176', '484552211']],
  ['ch-ahv', ['7566930281504', '7567576987300']],
  ['ch-uid', ['CHE284903245', 'CHE803283324']],
  ['cy-tic', ['05935432E', '01578651J']],
  ['cz-sk-rc', ['6006015323', '6105230934']],
  ['de-idnr', ['83145042490', '92878168549']],
  ['de-kvnr', ['L011553897', 'W385405329']],
  ['de-lanr', ['780774334', '439803234']],
  ['de-svnr', ['89090589F638', '68220274S690']],
  ['ee-lt-id', ['37202080993', '35611011926']],
  ['es-cif', ['A46782264', 'B03182037']],
  ['es-dni-nie', ['63423300H', '90952205Q']],
  ['es-nss', ['287585231905', '289316973208']],
  ['fi-hetu', ['090689-2356', '150786-534R']],
  ['fi-ytunnus', ['95255603', '09518770']],
  ['fr-nir', ['266067557525824', '279097516725538']],
  ['fr-siren', ['162334874', '175421080']],
  ['fr-spi', ['0329982546208', '0314700106245']],
  ['gb-nhs', ['6400724230', '9148210811']],
  ['gb-utr', ['5061873892', '2657920086']],
  ['gr-afm', ['116462070', '287646651']],
  ['gr-amka', ['25098334508', '24127413425']],
  ['hr-oib', ['79560675825', '19256483595']],
  ['hu-taj', ['603367809', '676703043']],
  ['hu-tin', ['8225462084', '8733515751']],
  ['ie-pps', ['8423862L', '4209494D']],
  ['imei', ['358360617229865', '358744855202348']],
  ['in-aadhaar', ['725044844134', '708626334974']],
  ['is-kennitala', ['0207810099', '1501528799']],
  ['it-fiscal-code', ['SWNLFM56B13C128K', 'BOSRES53A18C335C']],
  ['it-vat', ['66632860244', '37859610950']],
  ['kr-brn', ['5501563367', '4088737401']],
  ['lu-nin', ['1963042813859', '1956080701891']],
  ['lv-pk', ['12059612078', '09027918753']],
  ['ng-nin', ['03147910273', '43659465362']],
  ['nl-bsn', ['893964219', '716676436']],
  ['no-account', ['81808450496', '07734141415']],
  ['no-fnr', ['13119942262', '21089846681']],
  ['ph-tin', ['573216642', '185692199']],
  ['pl-id-card', ['YVB921527', 'LKK134063']],
  ['pl-nip', ['4021916427', '3977719469']],
  ['pl-passport', ['JE1348340', 'LH7228807']],
  ['pl-pesel', ['81081221496', '69090795731']],
  ['pl-regon', ['439121844', '061609937']],
  ['pt-citizen-card', ['932046697GK6', '874789063SV2']],
  ['pt-nif', ['296220558', '143532944']],
  ['ro-cnp', ['1500403401471', '2980828404241']],
  ['se-orgnr', ['5595382218', '5597025559']],
  ['se-pnr', ['560205-5492', '961016-1243']],
  ['sg-nric', ['G1247434U', 'T9369695B']],
  ['si-emso', ['0310958500458', '1705983505640']],
  ['si-tin', ['43271642', '41218086']],
  ['th-id', ['1500384597720', '1504093534857']],
  ['tr-id', ['40904886706', '49971403984']],
  ['us-dea', ['FB3103138', 'AP9201930']],
  ['us-npi', ['2460553557', '2370239123']],
  ['us-rtn', ['128041048', '125886743']],
  ['vin', ['1PPFFERMXMX695868', '1SFFHJTG7ZZ167857']],
  ['za-id', ['5706021040081', '5501098839089']],
  ['hu-personal-number', ['16007064754', '15407229610']],
];

/** The texts that differ from `text` in one digit. */
function oneDigitWrong(text: string): string[] {
  return [...text].flatMap((character, at) =>
    character >= '0' && character <= '9'
      ? [...'0123456789']
          .filter((digit) => digit !== character)
          .map((digit) => text.slice(0, at) + digit + text.slice(at + 1))
      : [],
  );
}

describe.each(CHECKED)('%s', (name, valid) => {
  it('accepts what is right, with separators too', () => {
    accepts(name, valid);
    if (name !== 'fi-hetu')
      accepts(
        name,
        valid.map((text) => `${text.slice(0, 3)} ${text.slice(3)}`),
      );
  });

  it('notices most wrong digits', () => {
    const wrong = valid.flatMap(oneDigitWrong);
    const passed = wrong.filter((text) => check(name, text));
    expect(passed.length / wrong.length).toBeLessThan(0.27);
  });

  it('refuses what is too short, too long or holds other characters', () => {
    refuses(
      name,
      valid.flatMap((text) => [text.slice(2), `${text}123456`, `${text.slice(0, -1)}#`, `${text}é`]),
    );
  });
});

test('numbers whose dates are none are refused', () => {
  refuses('dk-cpr', ['310299-1234', '001284-1234', '121384-1234', '120784-0000']);
  refuses('fi-hetu', ['310284-482X', '120784/482K', '120784.482K']);
  refuses('kr-rrn', ['841399-1482039', '840231-1482039', '840712-5482039']);
  accepts('kr-rrn', ['840712-1482039', '8407122482039', '010712-3482039']);
  accepts('kr-frn', ['840712-5482039']);
  refuses('za-id', ['8413015009087']);
  refuses('de-svnr', ['15073249C103', '15420649C103']);
});

test('the same person in every way of writing', () => {
  accepts('de-idnr', ['36 574 261 809', '36574261809']);
  accepts('se-pnr', ['871220-2384', '19871220-2384', '871220+2384', '198712202384']);
  refuses('se-pnr', ['871220-2385', '17871220-2384', '8712202384+', '871220+238']);
  accepts('cz-sk-rc', ['480503/123']);
  refuses('cz-sk-rc', ['560503/123', '480503/000']);
  accepts('hr-oib', ['HR33392005961', '33392005961']);
  accepts('br-cnpj', ['12.ABC.345/01DE-35']);
  accepts('lv-pk', ['320010-10002', '32001010002']);
});

test('numbers without a check digit are judged by their structure', () => {
  accepts('us-ssn', ['536-90-4399', '536904399']);
  refuses('us-ssn', [
    '000-12-3456',
    '666-12-3456',
    '912-12-3456',
    '536-00-4399',
    '536-90-0000',
    '078-05-1120',
    '111111111',
  ]);
  accepts('us-itin', ['912-70-3456', '912903456']);
  refuses('us-itin', ['912-89-3456', '912-93-3456', '812-70-3456', '912-49-3456']);
  accepts('us-mbi', ['2KD4-RE5-MX83']);
  refuses('us-mbi', ['2SD4-RE5-MX83', '0KD4-RE5-MX83', '2KD4-RE5-MX8', '2KD4-RO5-MX83']);
  accepts('us-ein', ['12-4821397']);
  refuses('us-ein', ['07-4821397', '00-4821397']);
  accepts('gb-nino', ['JH 48 21 39 A', 'jh482139a']);
  refuses('gb-nino', ['BG482139A', 'JH482139E', 'DH482139A', 'JO482139A', 'JH48213A']);
  accepts('gb-driving-licence', ['FARME802157TR9KX', 'LI999611204B99AB']);
  refuses('gb-driving-licence', [
    'FARME800157TR9KX',
    'FARME863157TR9KX',
    'FARME802007TR9KX',
    'FA9ME802157TR9KX',
    '99999802157TR9KX',
  ]);
  accepts('gb-postcode', ['LS6 3AB', 'EC1A1BB', 'GIR 0AA']);
  refuses('gb-postcode', ['QX6 3AB', 'LS6 AB3', 'LS6']);
  accepts('de-document', ['T48220196']);
  refuses('de-document', ['A48220196', '482201967', 'T4822019']);
  accepts('de-driving-licence', ['BX48213975A']);
  refuses('de-driving-licence', ['BX48213975', '4X48213975A']);
  accepts('de-bsnr', ['021234568']);
  refuses('de-bsnr', ['000000000', '041234568']);
  accepts('de-stnr', ['2893081508152', '21/815/08150', '5133081508159']);
  refuses('de-stnr', ['1781508150001', '12/345', '2893181508152']);
  accepts('de-plz', ['01067', '99998']);
  refuses('de-plz', ['00999', '99999', '1234']);
  accepts('in-pan', ['KXDPM4821R']);
  refuses('in-pan', ['KXDNM4821R', 'KXDPM0000R', 'KXDP14821R']);
  accepts('in-gstin', ['29KXDPM4821R1ZV']);
  refuses('in-gstin', ['00KXDPM4821R1ZV', '29KXDPM4821R1YV', '29KXDPM4821R0ZV']);
  accepts('in-vehicle', ['KA05MH4821', 'MH 12 AB 7204']);
  refuses('in-vehicle', ['XX05MH4821', 'KA']);
  refuses('in-aadhaar', ['2341 2341 2341', '123412341234']);
  accepts('mt-id', ['482139M']);
  refuses('mt-id', ['482139X', 'M']);
  accepts('tr-plate', ['34 KXD 482']);
  refuses('tr-plate', ['00 KXD 482', '82 KXD 482']);
  accepts('ca-postcode', ['M5V 3L9', 'h2x1y4']);
  refuses('ca-postcode', ['D5V 3L9', 'W5V 3L9', 'M5V 3O9', '5MV 3L9']);
});

describe('check digit methods', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 16 });

  function read(values: readonly number[]): number {
    const text = utf8(values.join(''));
    return readCode(text, 0, text.length);
  }

  it.each([
    ['Luhn', isLuhn],
    ['Verhoeff', isVerhoeff],
    ['ISO 7064 MOD 11,10', isMod11Pure10],
  ] as const)('%s has one check digit for each number and notices each wrong one', (_, isRight) => {
    fc.assert(
      fc.property(digits, fc.nat(), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
        const right = Array.from({ length: 10 }, (__, digit) => digit).filter((digit) =>
          isRight(0, read([...body, digit])),
        );
        expect(right).toHaveLength(1);
        const wrong = [...body, right[0]];
        wrong[at % wrong.length] = (wrong[at % wrong.length] + shift) % 10;
        expect(isRight(0, read(wrong))).toBe(false);
      }),
    );
  });

  it('Verhoeff notices each swap of neighbours', () => {
    fc.assert(
      fc.property(digits, fc.nat(), (body, place) => {
        const right = Array.from({ length: 10 }, (_, digit) => digit).find((digit) =>
          isVerhoeff(0, read([...body, digit])),
        );
        const swapped = [...body, right as number];
        const at = place % (swapped.length - 1);
        [swapped[at], swapped[at + 1]] = [swapped[at + 1], swapped[at]];
        const isSame = swapped[at] === swapped[at + 1];
        expect(isVerhoeff(0, read(swapped))).toBe(isSame);
      }),
    );
  });

  it('reads digits and letters, and nothing beyond what fits', () => {
    expect(read([1, 2, 3])).toBe(3);
    expect([...code.subarray(0, 3)]).toEqual([1, 2, 3]);
    const text = utf8('a-Z/9.0 ');
    expect(readCode(text, 0, text.length)).toBe(4);
    expect([...code.subarray(0, 4)]).toEqual([10, 35, 9, 0]);
    expect(readCode(utf8('1'.repeat(49)), 0, 49)).toBe(-1);
  });

  it('knows the calendar', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1800, max: 2200 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 0, max: 33 }),
        (y, m, d) => {
          const date = new Date(Date.UTC(y, m - 1, d));
          const isReal =
            date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
          expect(isDate(y, m, d)).toBe(isReal);
        },
      ),
    );
  });
});

describe('devices', () => {
  it('mac', () => {
    accepts('mac', ['3c:22:fb:12:34:56', 'A4-83-E7-90-12-BC', '0050.56a1.2b3c']);
    refuses('mac', ['ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '3c:22-fb:12:34:56', '3c:22:fb:12:34']);
  });

  it('imsi, iccid', () => {
    accepts('imsi', ['262011482039175']);
    refuses('imsi', ['999011482039175', '26201148203917', '262111111111111']);
    accepts('iccid', ['8949020004821397203']);
    refuses('iccid', ['8949020004821397204', '8849020004821397203']);
  });

  it('mrz', () => {
    accepts('mrz', ['K482139726UTO8407122F3109144<<<<<<<<<<<<<<<0']);
    refuses('mrz', [
      'K482139727UTO8407122F3109144<<<<<<<<<<<<<<<0',
      'K482139726UTO8407123F3109144<<<<<<<<<<<<<<<0',
      'K48213972',
    ]);
  });
});

describe('wallets', () => {
  it('bitcoin', () => {
    accepts('bitcoin-address', [
      '1LBzLU2CS9QoXUFz4ayQTguxb1hFTxB24t',
      'bc1qsr0yqg6yf3rgp2zylfkyyusc7u6gtne4wrkz6h',
      'BC1QSR0YQG6YF3RGP2ZYLFKYYUSC7U6GTNE4WRKZ6H',
    ]);
    refuses('bitcoin-address', [
      '1LBzLU2CS9QoXUFz4ayQTguxb1hFTxB242',
      'bc1qsr0yqg6yf3rgp2zylfkyyusc7u6gtne4wrkz6q',
      'bc1qsr0yqg6yf3rgp2zylfkyyusc7u6gtne4wrkz6H',
      '1LBzLU2CS9QoXUFz4ayQTguxb1hFTxB20t',
    ]);
  });

  it('ethereum: the case of mixed letters is a checksum', () => {
    accepts('ethereum-address', [
      '0x5bBa8F15A3dCE29eDfC2E7424f62e0Ac1EF17735',
      '0x7ab0079980a98f8b8dbb0dcae3f8f884fa89ec83',
    ]);
    refuses('ethereum-address', [
      '0x5BBa8F15A3dCE29eDfC2E7424f62e0Ac1EF17735',
      `0x${'0'.repeat(40)}`,
      '0x5bBa',
    ]);
  });

  it('monero', () => {
    const address =
      '49vyQfQwC4mAroEqkY1dvrDWydz6UZanQhWXbpmMQXTHDhbk8QbLP9JEQJd5ckbNh9biCEH8P2TS5B5pyfNrFvxbLgViF25';
    accepts('monero-address', [address]);
    refuses('monero-address', [`${address.slice(0, -1)}6`, address.slice(1)]);
  });

  it('keccak-256 gives the digests of its authors', () => {
    expect(keccak256(utf8('')).toString('hex')).toBe(
      'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    );
    expect(keccak256(utf8('abc')).toString('hex')).toBe(
      '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    );
    expect(keccak256(utf8('a'.repeat(136)))).toHaveLength(32);
  });
});

describe('persons', () => {
  it('names are words, not code', () => {
    accepts('person-name', [
      'Zoë',
      "O'Neil",
      'Ana Maria',
      'van%20Dijk',
      'J.R. Tolkien',
      'Παπαδοπούλου',
      'Silva, Ana',
    ]);
    refuses('person-name', ['null', 'com.example.Cart', 'user_17', 'a', 'x=1', 'unknown', '{name}', 'J4ne']);
  });

  it('coordinates are exact and on the globe', () => {
    accepts('coordinate', ['52.520812', '-179.9999']);
    refuses('coordinate', ['52.520', '181.00000', '52', '.52081', '52.52.0812']);
  });

  it('bic has a country', () => {
    accepts('bic', ['COBADEFFXXX', 'NWBKGB2L']);
    refuses('bic', ['INTERNAL', 'COBADEFF1', 'cobadeff']);
  });

  it('phones belong to their region', () => {
    accepts('phone-gb', ['020 7946 0018', '07911 123456']);
    accepts('phone-us', ['(425) 882-9090', '212-736-5000']);
    accepts('phone-de', ['030/12345678', '0151-12345678']);
    refuses('phone-us', ['020 7946 0018', '(125) 882-9090', '12345', 'x'.repeat(40)]);
  });

  it('web addresses end in a domain that exists', () => {
    accepts('web-address', ['https://kowalska.example/a?b#c', 'www.example.com', 'http://a.example:8080/']);
    refuses('web-address', ['https://localhost/a', 'www.com', 'a.b.nonesuchtld']);
  });

  it('networks have an address and a prefix', () => {
    accepts('ip-network', ['10.0.0.0/8', '2001:db8::/32']);
    accepts('ip-network-public', ['203.0.113.0/24']);
    refuses('ip-network-public', [
      '10.0.0.0/8',
      '203.0.113.0/33',
      '203.0.113.0',
      'fe80::/10',
      '203.0.113.0/',
    ]);
  });
});
