import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The values of docs/sample-log.txt that must not survive. */
const VALUES = [
  '203.0.113.7',
  'ana%40example.com',
  '2001:db8::ff00:42:8329',
  'jane.doe',
  '7946',
  'battery',
  '4111111111111111',
  'DE89',
  '198.51.100.23',
  'Tr4vel',
  'cal_live_',
  'k29XqT71mLzPw84v',
  'eyJ',
  'lena@',
  'BEGIN EC PRIVATE KEY',
  'AwEHoUQDQg',
];

describe('npm run demo', () => {
  const demo = (env: NodeJS.ProcessEnv): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/demo.mjs'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  it('shows every value before, and none of them after', () => {
    const lines = demo({}).split('\n');
    const of = (signs: string): string =>
      lines.filter((line) => signs.includes(line[0] ?? '-') && line[1] === ' ').join('\n');
    for (const value of VALUES) expect(of('-')).toContain(value);
    for (const value of VALUES) expect(of('+ ')).not.toContain(value);
    expect(lines.some((line) => /^\d+ findings/.test(line))).toBe(true);
  });

  it('keeps near misses as they are', () => {
    const unchanged = demo({})
      .split('\n')
      .filter((line) => line.startsWith('  '));
    for (const text of [
      '10.0.0.7:8080',
      '4111111111111112',
      'run@Main.java',
      'agent/1.2.3.4',
      'token=null',
    ]) {
      expect(unchanged.join('\n')).toContain(text);
    }
  });

  it('uses colours only where they are wanted', () => {
    const sequence = '\u001b[';
    expect(demo({})).not.toContain(sequence);
    expect(demo({ FORCE_COLOR: '1' })).toContain(sequence);
    expect(demo({ NO_COLOR: '1' })).not.toContain(sequence);
  });
});
