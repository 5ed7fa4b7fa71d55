/** IPv6 addresses in full and in short (RFC 4291, RFC 5952). */
import { isIPv6 } from 'node:net';

const GROUPS = 8;

/** Eight groups of four lower-case digits, or undefined when it is no address. */
export function fullIpv6(text: string): string | undefined {
  if (!isIPv6(text)) return undefined;
  const plain = text
    .toLowerCase()
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
    );
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(GROUPS - before.length - after.length).fill('0');
  return [...before, ...(tail === undefined ? [] : zeros), ...after]
    .map((group) => group.padStart(4, '0'))
    .join(':');
}

/** RFC 5952, section 4: no leading zeros, the first of the longest runs of zeros as `::`. */
export function compressedIpv6(full: string): string {
  const groups = full.split(':').map((group) => group.replace(/^0+(?=.)/, ''));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < GROUPS; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start === -1) return groups.join(':');
  const before = groups.slice(0, best.start).join(':');
  const after = groups.slice(best.start + best.length).join(':');
  return `${before}::${after}`;
}
