import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, check, refuses } from './helpers.ts';

/** Text that is an address or nearly one. */
const ipv6Like = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((group) => group.toString(16)) },
      { weight: 2, arbitrary: fc.constantFrom('', '0', '00db8', 'g', '1.2.3.4', '1.2.3.256', '0001') },
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((groups) => groups.join(':'));

const octet = fc.oneof(
  { weight: 6, arbitrary: fc.nat(255).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('', '256', '01', '999', '1a', '0') },
);
const ipv4Like = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join('.'));

describe('ipv4', () => {
  it('accepts four octets', () => {
    accepts('ipv4', [
      '0.0.0.0',
      '1.2.3.4',
      '203.0.113.9',
      '255.255.255.255',
      '203.000.113.009',
      '010.001.002.003',
    ]);
  });

  it('refuses anything else', () => {
    refuses('ipv4', [
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '1.2.3.04',
      '01.02.03.04',
      '1..2.3',
      '1.2.3.',
      'a.b.c.d',
      '',
    ]);
  });

  it('agrees with node:net, except that it reads the padded form', () => {
    fc.assert(
      fc.property(ipv4Like, (text) => {
        const padded = /^\d{3}(?:\.\d{3}){3}$/.test(text);
        const plain = padded ? text.replace(/\b0+(?=\d)/g, '') : text;
        expect(check('ipv4', text)).toBe(isIPv4(plain));
      }),
      { numRuns: 500 },
    );
  });
});

describe('ipv4-public', () => {
  it('keeps private, loopback, link-local and unspecified addresses, and netmasks', () => {
    refuses('ipv4-public', [
      '10.0.0.1',
      '10.255.255.255',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
      '0.0.0.0',
      '010.000.000.001',
      '255.255.255.0',
      '255.0.0.0',
      '255.255.255.252',
      '300.1.1.1',
    ]);
  });

  it('gives away everything else', () => {
    accepts('ipv4-public', [
      '8.8.8.8',
      '11.0.0.1',
      '172.15.255.255',
      '172.32.0.1',
      '192.167.1.1',
      '192.0.2.1',
      '198.51.100.7',
      '203.0.113.9',
      '100.64.0.1',
      '169.253.1.1',
      '224.0.0.251',
      '252.231.148.132',
      '255.255.255.255',
      '255.1.2.3',
    ]);
  });
});

describe('ipv6', () => {
  it('accepts the forms of RFC 4291', () => {
    accepts('ipv6', [
      '::',
      '::1',
      '1::',
      '2001:db8::ff00:42:8329',
      '2001:0db8:0000:0000:0000:ff00:0042:8329',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      '::2:3:4:5:6:7:8',
      '::ffff:192.0.2.128',
      '64:ff9b::192.0.2.33',
      '1:2:3:4:5:6:192.0.2.33',
      'fe80::1%eth0',
      'FE80::ABCD%en0.1',
    ]);
  });

  it('refuses times, names and addresses with too little or too much', () => {
    refuses('ipv6', [
      '12:03:21',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      ':::',
      ':1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:',
      'std::cout',
      '12345::1',
      '::1.2.3',
      '::1.2.3.256',
      '::1.2.3.4:5',
      '1:2:3:4:5:6:7:1.2.3.4',
      '::001.002.003.004',
      'fe80::1%',
      'fe80::1%a b',
      '1:2:3:4::5:6:7:8',
      '',
    ]);
  });

  it('agrees with node:net', () => {
    fc.assert(
      fc.property(ipv6Like, (text) => {
        expect(check('ipv6', text)).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with node:net on the shortened and the mixed form of any address', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (values) => {
        const full = values.map((value) => value.toString(16)).join(':');
        const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        const tail = `${values[6] >> 8}.${values[6] & 255}.${values[7] >> 8}.${values[7] & 255}`;
        const mixed = `${values
          .slice(0, 6)
          .map((value) => value.toString(16))
          .join(':')}:${tail}`;
        const verdicts = [full, short, mixed].map((text) => [check('ipv6', text), isIPv6(text)]);
        expect(verdicts).toEqual([
          [true, true],
          [true, true],
          [true, true],
        ]);
        // `short` may be one or two groups of letters, which only the long form shows to be an address.
        expect(check('ipv6-public', mixed)).toBe(check('ipv6-public', full));
      }),
    );
  });
});

describe('ipv6-public', () => {
  it('keeps loopback, unspecified, link-local, unique local and mapped private addresses', () => {
    refuses('ipv6-public', [
      '::',
      '::1',
      '0:0:0:0:0:0:0:0',
      '0:0:0:0:0:0:0:1',
      'fe80::1%eth0',
      'febf::1',
      'fc00::1',
      'fdff:ffff::1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '::ffff:192.168.1.1',
    ]);
  });

  it('refuses scoped names that read like an address', () => {
    refuses('ipv6-public', ['Fade::Add', '::abc', 'dead::', 'A::B']);
  });

  it('gives away everything else', () => {
    accepts('ipv6-public', [
      '2001:db8::1',
      '2001:4860:4860::8888',
      '::ffff:8.8.8.8',
      '::10.0.0.1',
      'fec0::1',
      'ff02::fb',
      'fe00::1',
      '684D:1111:222:3333:4444:5555:6:77',
      'abcd:abcd::abcd',
      '::2',
    ]);
  });
});
