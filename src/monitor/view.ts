/** The picture: a snapshot as lines of text, for any size from 80x24 up. Depends on nothing but its arguments. */
import { type Paint, plainPaint, type Style } from '../telemetry/colour.ts';
import { formatSize } from '../telemetry/size.ts';
import { percent, plural, shownMs } from '../verify/check.ts';
import { bar, curve, type Glyphs, line, type Piece } from './draw.ts';
import type { LogEvent } from './logWatch.ts';
import type { Snapshot } from './snapshot.ts';

export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly paint: Paint;
  readonly glyphs: Glyphs;
}

/** A label's column. */
const LABEL = 12;
const BAR = 24;
const NARROWEST = 80;
const LOWEST = 24;

/** As many lines as the canvas is high, none wider than it. */
export function view(snapshot: Snapshot, canvas: Canvas, hint = ''): string[] {
  const { width, height } = canvas;
  if (width < NARROWEST || height < LOWEST) return tooSmall(canvas);
  const draw = (pieces: readonly Piece[]): string => line(pieces, width, canvas.paint);
  const lines = content(snapshot, canvas).map(draw);
  const room = height - lines.length - 1;
  const events = room < 3 ? [] : eventLines(snapshot.logs.events, room, canvas).map(draw);
  const empty = Array<string>(Math.max(0, room - events.length)).fill('');
  return [...lines, ...events, ...empty, draw([['dim', ` ${hint}`]])];
}

/** The same without an end, for a pipe: all that fits 80 columns. */
export function plainView(snapshot: Snapshot, glyphs: Glyphs): string {
  const canvas = { width: NARROWEST, height: LOWEST, paint: plainPaint, glyphs };
  const lines = [...content(snapshot, canvas), ...eventLines(snapshot.logs.events, 12, canvas)];
  return `${lines.map((pieces) => line(pieces, NARROWEST, plainPaint).trimEnd()).join('\n')}\n`;
}

function tooSmall({ width, height, paint }: Canvas): string[] {
  const text = `logveil monitor needs ${NARROWEST}x${LOWEST}, this is ${width}x${height}`;
  const lines = [line([text], width, paint)];
  return [...lines, ...Array<string>(Math.max(0, height - lines.length)).fill('')].slice(0, height);
}

type Row = readonly Piece[];

function content(snapshot: Snapshot, canvas: Canvas): Row[] {
  const rule: Row = [['dim', canvas.glyphs.rule.repeat(canvas.width)]];
  return [
    ...head(snapshot, canvas),
    rule,
    ...errorRows(snapshot, canvas),
    ...leakRows(snapshot),
    ...throughputRows(snapshot, canvas),
    ...actionRow(snapshot),
    rule,
    ...redisRow(snapshot),
    ...breakerRow(snapshot),
    ...limiterRow(snapshot, canvas),
    ...cacheRow(snapshot, canvas),
    rule,
    [['bold', ' Rollback triggers']],
    ...triggerRows(snapshot),
  ];
}

const label = (text: string): Piece => ['bold', ` ${text.padEnd(LABEL)}`];
const under = `  ${' '.repeat(LABEL)}`.slice(1);

function head({ name, atMs, triggers }: Snapshot, { width, glyphs }: Canvas): Row[] {
  const fired = triggers.filter(({ state }) => state === 'fired');
  const unknown = triggers.filter(({ state }) => state === 'unknown').length;
  const time = `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC `;
  const title = ` logveil monitor  ${name}`;
  const space = ' '.repeat(Math.max(1, width - title.length - time.length));
  const state: Piece =
    fired.length > 0
      ? ['red', `${glyphs.dot} ROLL BACK: ${fired.map((one) => one.title).join(', ')}`]
      : unknown > 0
        ? ['yellow', `${glyphs.dot} no trigger has fired, ${unknown} can't be told`]
        : ['green', `${glyphs.dot} no trigger has fired`];
  return [[['inverse', `${title}${space}${time}`.slice(0, width)]], [' ', state]];
}

/** Green below `warn`, yellow from there, red from `fail` on. */
const graded = (value: number, warn: number, fail: number): Style =>
  value >= fail ? 'red' : value >= warn ? 'yellow' : 'green';

function errorRows({ logs, deployment }: Snapshot, { width, glyphs }: Canvas): Row[] {
  const { errorsWarn, errorsFail } = deployment.thresholds;
  const total = logs.errors.reduce((sum, count) => sum + count, 0);
  const peak = Math.max(0, ...logs.errors);
  return [
    [
      label('Errors'),
      [graded(total, errorsWarn, errorsFail), `${total} in the last hour`],
      ['dim', `  (warn ${errorsWarn}, fail ${errorsFail})  `],
      [logs.fatals > 0 ? 'red' : 'green', `${logs.fatals} fatal`],
      `  ${plural(logs.warnings, 'warning')}`,
    ],
    [
      under,
      ['yellow', curve(logs.errors, Math.min(60, width - LABEL - 18), glyphs)],
      ['dim', ` ${peak === 0 ? '60 min' : `60 min, up to ${peak}`}`],
    ],
  ];
}

function leakRows({ logs }: Snapshot): Row[] {
  const { leaks, logs: count, bytes, unread, leaksByEntity } = logs;
  const kinds = leaksByEntity.map(([entity, number]) => `${entity} ${number}`).join('  ');
  return [
    [
      label('Leaks'),
      [leaks > 0 ? 'red' : 'green', plural(leaks, 'finding')],
      ` in ${plural(count, 'log')}, ${formatSize(bytes)} looked at`,
      ...(unread > 0 ? [['red', `  ${unread} can't be read`] as const] : []),
    ],
    [under, leaks > 0 ? ['red', kinds] : ['dim', 'personal data and secrets, since the monitor started']],
  ];
}

const rate = (value: number | undefined): string =>
  value === undefined ? '-' : value.toFixed(value < 10 ? 1 : 0);

function throughputRows(snapshot: Snapshot, { width, glyphs }: Canvas): Row[] {
  const { metrics, logRates, metricRates, course } = snapshot;
  const from: Row =
    metrics === undefined
      ? []
      : metrics.trouble !== undefined
        ? [['yellow', `   logveil: ${metrics.trouble}`]]
        : [
            `   logveil: ${rate(metricRates.lines)} lines/s, ${formatSize(Math.round(metricRates.bytes ?? 0))}/s, ${plural(metrics.findings, 'finding')}`,
            ...(metrics.withheld > 0 ? [['red', `, ${metrics.withheld} withheld`] as const] : []),
          ];
  return [
    [
      label('Throughput'),
      `${rate(logRates.lines)} lines/s, ${formatSize(Math.round(logRates.bytes ?? 0))}/s`,
      ...from,
    ],
    [under, ['cyan', curve(course, Math.min(60, width - LABEL - 18), glyphs)], ['dim', ' lines/s']],
  ];
}

function actionRow({ logs, deployment }: Snapshot): Row[] {
  const { success, failure } = deployment.activity;
  if (success.length === 0 || failure.length === 0)
    return [[label('Users'), ['dim', 'not counted: `deployment.activity` names no lines']]];
  const all = logs.successes + logs.failures;
  const failed = all === 0 ? 0 : logs.failures / all;
  const isBad = all >= deployment.thresholds.failureLeast && failed > deployment.thresholds.failureRate;
  return [
    [
      label('Users'),
      `${logs.successes} actions well, `,
      [
        isBad ? 'red' : logs.failures > 0 ? 'yellow' : 'green',
        `${logs.failures} failed (${percent(failed)})`,
      ],
      ['dim', '  in the last hour'],
    ],
  ];
}

function redisRow({ redis }: Snapshot): Row[] {
  if (redis.trouble !== undefined) return [[label('Redis'), ['red', redis.trouble]]];
  const { pingMs, version, memory, clients, opsPerSecond } = redis;
  return [
    [
      label('Redis'),
      ['green', `answers in ${pingMs.toFixed(1)} ms`],
      `  ${version}  ${formatSize(memory)}  ${plural(clients, 'client')}  ${opsPerSecond} commands/s`,
    ],
  ];
}

function breakerRow({ redis, deployment }: Snapshot): Row[] {
  if (redis.breakers.length === 0)
    return [[label('Breakers'), ['dim', redis.trouble === undefined ? 'none' : '-']]];
  const pieces = redis.breakers.map(({ service, state, openForMs, isAtLeast }): Piece => {
    if (state === 'closed') return ['green', `${service} closed   `];
    if (state !== 'open') return [state === 'invalid' ? 'red' : 'yellow', `${service} ${state}   `];
    const since = openForMs === undefined ? '' : ` ${isAtLeast ? 'at least ' : ''}${shownMs(openForMs)}`;
    const isStuck = (openForMs ?? 0) > deployment.thresholds.breakerOpen;
    return [isStuck ? 'red' : 'yellow', `${service} OPEN${since}   `];
  });
  // Those in trouble first: a long list is cut at the edge.
  const order = redis.breakers.map(({ state }, index) => ({ isClosed: state === 'closed', index }));
  const sorted = order.sort((a, b) => Number(a.isClosed) - Number(b.isClosed));
  return [[label('Breakers'), ...sorted.map(({ index }) => pieces[index] ?? '')]];
}

function limiterRow({ redis, deployment }: Snapshot, { glyphs }: Canvas): Row[] {
  const { limit } = deployment.rateLimit;
  const [now, before] = redis.minutes;
  if (now === undefined) return [[label('Rate limit'), ['dim', '-']]];
  if (now.count === 'invalid') return [[label('Rate limit'), ['red', 'the counter holds no number']]];
  const used = now.count ?? 0;
  const style =
    used > limit ? 'red' : used > limit * deployment.thresholds.rateLimitWarn ? 'yellow' : 'green';
  const earlier = typeof before?.count === 'number' ? `, ${before.count} the minute before` : '';
  return [
    [
      label('Rate limit'),
      [style, bar(used / limit, BAR, glyphs)],
      ` ${used} of ${limit} this minute`,
      ['dim', earlier],
    ],
  ];
}

function cacheRow({ redis, deployment }: Snapshot, { glyphs }: Canvas): Row[] {
  const { cacheHitPass, cacheHitWarn } = deployment.thresholds;
  const { seen, all } = redis;
  const which = seen.lookups > 0 ? seen : all;
  if (which.lookups === 0)
    return [[label('Cache hits'), ['dim', redis.trouble === undefined ? 'no lookups yet' : '-']]];
  const ratio = which.hits / which.lookups;
  const style = ratio > cacheHitPass ? 'green' : ratio >= cacheHitWarn ? 'yellow' : 'red';
  const inAll = all.lookups === 0 ? '' : `, ${percent(all.hits / all.lookups)} since Redis started`;
  return [
    [
      label('Cache hits'),
      [style, bar(ratio, BAR, glyphs)],
      seen.lookups > 0 ? ` ${percent(ratio)} of ${seen.lookups} seen` : ` ${percent(ratio)}`,
      ['dim', seen.lookups > 0 ? inAll : ' since Redis started'],
    ],
  ];
}

const TRIGGER_STYLES: Readonly<Record<string, Style>> = { fired: 'red', clear: 'green', unknown: 'yellow' };

function triggerRows({ triggers }: Snapshot): Row[] {
  return triggers.map(({ number, title, state, reason }) => [
    ` ${number} ${title.padEnd(34)}`,
    [TRIGGER_STYLES[state] ?? 'dim', (state === 'fired' ? 'FIRED' : state).padEnd(9)],
    ['dim', reason],
  ]);
}

const KIND_STYLES: Readonly<Record<LogEvent['kind'], Style>> = { fatal: 'red', error: 'yellow', leak: 'red' };

/** The newest events, under a rule and a title. */
function eventLines(events: readonly LogEvent[], room: number, { width, glyphs }: Canvas): Row[] {
  if (events.length === 0) return [];
  const rows = events
    .slice(0, room - 2)
    .map(
      ({ atMs, kind, text }): Row => [
        ` ${new Date(atMs).toISOString().slice(11, 19)} `,
        [KIND_STYLES[kind], kind.padEnd(6)],
        text,
      ],
    );
  return [[['dim', glyphs.rule.repeat(width)]], [['bold', ' Latest']], ...rows];
}
