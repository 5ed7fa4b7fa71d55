/**
 * Log lines as programs write them: one function a format. An event has a message and pairs; formats that have no place
 * for a message (access logs) write the pairs only, formats without pairs append them as `key=value`.
 */
import type { Random } from '../../src/bench/random.ts';
import { shaped } from './values.ts';

/** What a line tells; values are put where the format puts them, escaped as it escapes them. */
export interface LogEvent {
  readonly message: string;
  readonly pairs: readonly (readonly [key: string, value: string])[];
}

export interface Format {
  readonly name: string;
  /** Whether the message is part of the line. */
  readonly hasMessage: boolean;
  write(event: LogEvent, random: Random): string;
}

const DATE = '2026-03-14';
const HOSTS = ['web-1', 'api-7f9c', 'db2', 'worker-eu-3'];
const PATHS = ['/v1/orders', '/login', '/api/items/search', '/static/app.css', '/healthz'];

const two = (random: Random, limit: number): string => String(random.below(limit)).padStart(2, '0');
const clock = (random: Random): string => `${two(random, 24)}:${two(random, 60)}:${two(random, 60)}`;
const millis = (random: Random): string => String(random.below(1000)).padStart(3, '0');
const iso = (random: Random): string => `${DATE}T${clock(random)}.${millis(random)}Z`;
const epoch = (random: Random): number => 1_773_480_000 + random.below(86_400);
const pid = (random: Random): number => random.between(100, 32_000);
const privateIp = (random: Random): string => `10.0.${random.below(256)}.${random.between(1, 254)}`;
const query = ({ pairs }: LogEvent): string =>
  pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
const quoted = (value: string): string => (/^[^\s"=\\]+$/.test(value) ? value : JSON.stringify(value));
const logfmt = ({ pairs }: LogEvent): string =>
  pairs.map(([key, value]) => `${key}=${quoted(value)}`).join(' ');
const text = (event: LogEvent): string =>
  event.pairs.length > 0 ? `${event.message} ${logfmt(event)}` : event.message;
const object = (event: LogEvent): object => Object.fromEntries(event.pairs);

type Write = Format['write'];
const line = (name: string, write: Write): Format => ({ name, hasMessage: true, write });
const access = (name: string, write: Write): Format => ({ name, hasMessage: false, write });

export const FORMATS: readonly Format[] = [
  line('syslog (RFC 3164)', (e, r) => `<13>Mar 14 ${clock(r)} ${r.pick(HOSTS)} shop[${pid(r)}]: ${text(e)}`),
  line('syslog (RFC 5424)', (e, r) => {
    const data = e.pairs.map(([key, value]) => ` ${key}="${value.replace(/["\\\]]/g, '\\$&')}"`).join('');
    return `<165>1 ${iso(r)} ${r.pick(HOSTS)} shop ${pid(r)} ID47 [app@32473${data}] ${e.message}`;
  }),
  access('nginx', (e, r) => {
    const request = `GET ${r.pick(PATHS)}?${query(e)} HTTP/1.1`;
    return `${privateIp(r)} - - [14/Mar/2026:${clock(r)} +0000] "${request}" 200 ${r.below(90_000)} "-" "Mozilla/5.0"`;
  }),
  access('Apache combined', (e, r) => {
    const referer = `https://shop.example.com${r.pick(PATHS)}?${query(e)}`;
    return `${privateIp(r)} - frank [14/Mar/2026:${clock(r)} +0100] "POST /form HTTP/1.0" 302 ${r.below(9000)} "${referer}" "curl/8.5.0"`;
  }),
  line('logfmt', (e, r) => `time=${iso(r)} level=info msg=${JSON.stringify(e.message)} ${logfmt(e)}`),
  line('pino', (e, r) => {
    const head = { level: 30, time: epoch(r) * 1000 + r.below(1000), pid: pid(r), hostname: r.pick(HOSTS) };
    return JSON.stringify({ ...head, ...object(e), msg: e.message });
  }),
  line('bunyan', (e, r) => {
    const head = { name: 'shop', hostname: r.pick(HOSTS), pid: pid(r), level: 30 };
    return JSON.stringify({ ...head, ctx: object(e), msg: e.message, time: iso(r), v: 0 });
  }),
  line('winston', (e, r) =>
    JSON.stringify({ level: 'info', message: e.message, meta: object(e), timestamp: iso(r) }),
  ),
  line('ECS', (e, r) =>
    JSON.stringify({
      '@timestamp': iso(r),
      'log.level': 'info',
      message: e.message,
      ecs: { version: '1.6.0' },
      labels: object(e),
    }),
  ),
  line('journald (JSON)', (e, r) =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: `${epoch(r)}${r.between(100_000, 999_999)}`,
      _HOSTNAME: r.pick(HOSTS),
      _PID: String(pid(r)),
      PRIORITY: '6',
      MESSAGE: text(e),
    }),
  ),
  line('Docker json-file', (e, r) =>
    JSON.stringify({
      log: `${JSON.stringify({ msg: e.message, ...object(e) })}\n`,
      stream: 'stdout',
      time: iso(r),
    }),
  ),
  line('CRI', (e, r) => `${iso(r)} stdout F ${text(e)}`),
  line(
    'Laravel',
    (e, r) => `[${DATE} ${clock(r)}] production.INFO: ${e.message} ${JSON.stringify(object(e))} `,
  ),
  line(
    'log4j',
    (e, r) =>
      `${DATE} ${clock(r)},${millis(r)} INFO  [http-nio-8080-exec-${r.below(20)}] c.e.s.Order - ${text(e)}`,
  ),
  line('Python logging', (e, r) => {
    const dict = e.pairs.map(([key, value]) => `'${key}': '${value}'`).join(', ');
    return `${DATE} ${clock(r)},${millis(r)} INFO shop.orders ${e.message} {${dict}}`;
  }),
  line('Rails', (e, r) => {
    const hash = e.pairs.map(([key, value]) => `"${key}"=>${JSON.stringify(value)}`).join(', ');
    return `I, [${DATE}T${clock(r)}.${millis(r)}512 #${pid(r)}]  INFO -- : ${e.message} Parameters: {${hash}}`;
  }),
  line(
    'Go slog',
    (e, r) =>
      `time=${DATE}T${clock(r)}.${millis(r)}+01:00 level=WARN msg=${JSON.stringify(e.message)} ${logfmt(e)}`,
  ),
  line('klog', (e, r) => {
    const pairs = e.pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ');
    return `I0314 ${clock(r)}.${millis(r)}123 ${String(pid(r)).padStart(7)} controller.go:${r.below(900)}] ${JSON.stringify(e.message)} ${pairs}`;
  }),
  access('AWS ELB', (e, r) => {
    const url = `https://shop.example.com:443${r.pick(PATHS)}?${query(e)}`;
    const trace = `Root=1-${shaped(r, '{h8}')}-${shaped(r, '{h24}')}`;
    return `https ${iso(r)} app/shop/${shaped(r, '{h16}')} ${privateIp(r)}:2817 ${privateIp(r)}:80 0.001 0.002 0.000 200 200 34 366 "GET ${url} HTTP/1.1" "curl/8.5.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - "${trace}"`;
  }),
  line('CloudTrail', (e, r) =>
    JSON.stringify({
      eventVersion: '1.10',
      eventTime: iso(r),
      eventSource: 'lambda.amazonaws.com',
      requestParameters: { description: e.message, environment: { variables: object(e) } },
      requestID: shaped(r, '{h8}-{h4}-4{h3}-a{h3}-{h12}'),
      eventID: shaped(r, '{h8}-{h4}-4{h3}-a{h3}-{h12}'),
    }),
  ),
  line('Windows event (XML)', (e, r) => {
    const data = e.pairs.map(([key, value]) => `<Data Name="${key}">${value}</Data>`).join('');
    return `<Event><System><EventID>4625</EventID><TimeCreated SystemTime="${iso(r)}"/><Computer>${r.pick(HOSTS)}</Computer></System><EventData><Data Name="Message">${e.message}</Data>${data}</EventData></Event>`;
  }),
  line('PostgreSQL', (e, r) => `${DATE} ${clock(r)}.${millis(r)} UTC [${pid(r)}] app@shop LOG:  ${text(e)}`),
  access(
    'HAProxy',
    (e, r) =>
      `Mar 14 ${clock(r)} lb haproxy[${pid(r)}]: ${privateIp(r)}:${r.between(20_000, 60_000)} [14/Mar/2026:${clock(r)}.${millis(r)}] http-in web/${r.pick(HOSTS)} 10/0/30/69/109 200 ${r.below(9000)} - - ---- 1/1/1/1/0 0/0 "GET ${r.pick(PATHS)}?${query(e)} HTTP/1.1"`,
  ),
  line('systemd', (e, r) => `Mar 14 ${clock(r)} ${r.pick(HOSTS)} systemd[1]: shop.service: ${text(e)}`),
  line('GELF', (e, r) => {
    const extra = Object.fromEntries(e.pairs.map(([key, value]) => [`_${key}`, value]));
    return JSON.stringify({
      version: '1.1',
      host: r.pick(HOSTS),
      short_message: e.message,
      timestamp: epoch(r),
      level: 6,
      ...extra,
    });
  }),
  line('CSV', (e, r) => {
    const cells = [iso(r), 'info', e.message, e.pairs.map(([key, value]) => `${key}=${value}`).join(';')];
    return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  }),
];
