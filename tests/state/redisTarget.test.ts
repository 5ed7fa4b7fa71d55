/** Addresses of Redis, in all their forms; what is wrong is refused without being repeated. */
import { expect, test } from 'vitest';
import { parseRedisUrl } from '../../src/state/redisTarget.ts';

test('every form says where Redis is', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['redis://localhost', { kind: 'standalone', nodes: [{ host: 'localhost', port: 6379 }], isTls: false }],
    [
      'rediss://ops:p%40ss@redis.internal:6380/2',
      {
        kind: 'standalone',
        nodes: [{ host: 'redis.internal', port: 6380 }],
        isTls: true,
        username: 'ops',
        password: 'p@ss',
        database: 2,
      },
    ],
    [
      'redis://:only-password@[::1]:7000',
      { nodes: [{ host: '::1', port: 7000 }], password: 'only-password' },
    ],
    [
      'redis+sentinel://a,b:1/mymaster/3',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 1 },
        ],
        master: 'mymaster',
        database: 3,
      },
    ],
    [
      'rediss+cluster://x:pw@a:7000,b:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
        isTls: true,
        username: 'x',
      },
    ],
  ];
  for (const [url, expected] of cases) expect(parseRedisUrl(url, 'it')).toMatchObject(expected);
});

test('what is no address is refused, and not repeated', () => {
  const wrong = [
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://s3cret@',
    'redis://:s3cret@host:99999',
    'redis://:s3cret@host/db',
    'redis://:s3cret@a,b',
    'redis+sentinel://:s3cret@a',
    'redis+cluster://:s3cret@a/1',
    'redis://:s3cret%@host',
    'redis://:s3cret@host/0/1',
    'redis+other://:s3cret@host',
  ];
  for (const url of wrong) {
    expect(() => parseRedisUrl(url, 'LOGVEIL_REDIS_URL'), url).toThrow(
      /^LOGVEIL_REDIS_URL: expected an address/,
    );
    expect(() => parseRedisUrl(url, 'x')).not.toThrow(/s3cret/);
  }
});
