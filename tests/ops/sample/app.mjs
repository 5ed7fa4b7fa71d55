/**
 * A small application to be verified: it writes a Laravel-style log and a JSON log, answers at /api/health, and keeps a
 * breaker, a counter of calls and a cache in Redis. What goes wrong in it is told on its standard input, a command a line;
 * it answers `ok` or a number.
 *
 *   node app.mjs FOLDER REDIS_URL
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

const [folder = '.', redisUrl = ''] = process.argv.slice(2);
const logs = join(folder, 'storage/logs');
mkdirSync(logs, { recursive: true });

const LARAVEL = join(logs, 'laravel.log');
const JSON_LOG = join(logs, 'worker.json.log');
const SERVICE = 'calcom';

const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
redis.on('error', () => {});

const laravel = (level, message, at = new Date()) =>
  appendFileSync(
    LARAVEL,
    `[${at.toISOString().slice(0, 19).replace('T', ' ')}] production.${level}: ${message}\n`,
  );
const json = (level, message, more = {}) =>
  appendFileSync(
    JSON_LOG,
    `${JSON.stringify({ level, time: new Date().toISOString(), message, ...more })}\n`,
  );

const health = { requests: 0, status: 200, delayMs: 0, body: { status: 'ok' } };
const server = createServer((request, response) => {
  health.requests++;
  laravel('INFO', `${request.method} ${request.url} ${health.status}`);
  if (health.delayMs < 0) return;
  setTimeout(() => {
    response.writeHead(health.status, { 'content-type': 'application/json', location: '/elsewhere' });
    response.end(JSON.stringify(health.body));
  }, health.delayMs);
});

const minute = (at = new Date()) => at.toISOString().slice(0, 16).replace(/[T:]/g, '-');

const COMMANDS = {
  /** What a day without trouble looks like. */
  async traffic() {
    for (let order = 1; order <= 40; order++) {
      laravel('INFO', `Booking confirmed {"order":${order},"ms":${20 + order}}`);
      json('info', 'job done', { job: order, ms: 5 * order });
    }
    laravel('WARNING', 'slow query {"ms":812}');
    await redis.set(`circuit_breaker:${SERVICE}:state`, 'closed', 'EX', 3600);
    await COMMANDS.calls(12);
    await redis.set('slots:2026_11_23', 'cached', 'EX', 600);
    for (let lookup = 0; lookup < 200; lookup++) await redis.get('slots:2026_11_23');
  },
  async calls(count) {
    // The next minute, too: it may begin before anybody looks.
    for (const at of [Date.now(), Date.now() + 60_000])
      await redis.set(`calcom_api_rate_limit:${minute(new Date(at))}`, String(count), 'EX', 120);
  },
  async health(status, word) {
    health.status = Number(status);
    health.body = word === undefined ? {} : { status: word };
  },
  /** Negative: never answers. */
  async delay(ms) {
    health.delayMs = Number(ms);
  },
  async breaker(state, openSeconds) {
    await redis.set(`circuit_breaker:${SERVICE}:state`, state, 'EX', 3600);
    await redis.del(`circuit_breaker:${SERVICE}:opened_at`);
    if (openSeconds === undefined) return;
    const openedAt = Date.now() - Number(openSeconds) * 1000;
    await redis.set(`circuit_breaker:${SERVICE}:opened_at`, String(openedAt), 'EX', 3600);
  },
  async log(level, ...words) {
    laravel(level, words.join(' '));
  },
  async json(level, ...words) {
    json(level, words.join(' '));
  },
  async errors(count) {
    for (let error = 0; error < Number(count); error++)
      laravel('ERROR', `upstream answered 502 {"try":${error}}`);
  },
  async bookings(well, failed) {
    for (let order = 0; order < Number(well); order++) laravel('INFO', 'Booking confirmed {}');
    for (let order = 0; order < Number(failed); order++) laravel('WARNING', 'Booking failed {}');
  },
  /** So many hours ago. */
  async bookingAt(iso) {
    laravel('INFO', 'Booking confirmed {}', new Date(iso));
  },
  async key(name, seconds) {
    if (seconds === undefined) await redis.set(name, '1');
    else await redis.set(name, '1', 'EX', Number(seconds));
  },
  async misses(count) {
    for (let lookup = 0; lookup < Number(count); lookup++) await redis.get('slots:none');
  },
  async empty() {
    writeFileSync(LARAVEL, '');
    writeFileSync(JSON_LOG, '');
  },
  async requests() {
    return health.requests;
  },
};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [name = '', ...args] = line.split(' ');
    void Promise.resolve(COMMANDS[name]?.(...args)).then((answer) =>
      process.stdout.write(`${answer === undefined ? 'ok' : answer}\n`),
    );
  })
  .on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
