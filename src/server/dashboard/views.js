/** Puts a status on the page. Texts only, never markup: names of rules and services come from elsewhere. */
import { drawBars, drawLine, meter } from './charts.js';

const SERIES = 6;
const TOP_RULES = 10;
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const BREAKERS = {
  closed: ['good', 'closed', 'calls go through'],
  half_open: ['warning', 'half open', 'one call is tried'],
  open: ['bad', 'open', 'no calls are made'],
};
const CHECKS = {
  pass: ['good', 'PASS'],
  warn: ['warning', 'WARN'],
  fail: ['bad', 'FAIL'],
  unknown: ['warning', 'UNKNOWN'],
  skipped: ['', 'SKIPPED'],
};
const STALE_DAYS = 1;
const DAY_MS = 86_400_000;

const byId = (id) => document.getElementById(id);

/** @param attributes `class` and the like; `text` is the content */
function element(name, { text, ...attributes } = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

const number = (value) => value.toLocaleString('en');
const clock = (at) => new Date(at).toLocaleTimeString('en-GB');
const minuteOf = (at) => clock(at).slice(0, 5);
const dayAndClock = (at) => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** Decimal units, as disks and networks have them. */
export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return plural(Math.floor(seconds), 'second');
  if (minutes < 60) return plural(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? plural(hours, 'hour') : plural(Math.floor(hours / 24), 'day');
}

export function show(status) {
  showHead(status);
  showFigures(status);
  showFindings(status.findings);
  showThroughput(status.throughput);
  showFound(status.findings);
  showServices(status.services);
  showVerification(status.verification);
  showRules(status.rules);
}

function showHead({ version, uptimeSeconds, at }) {
  byId('about').textContent = `${version}, up for ${duration(uptimeSeconds)}, as of ${clock(at)}`;
}

function showFigures({ totals, streams, throughput, findings }) {
  const last = throughput.at(-1) ?? { bytesPerSecond: 0, linesPerSecond: 0 };
  const hour = findings.perMinute.reduce((sum, minute) => sum + minute.findings, 0);
  const texts = {
    'f-rate': `${bytes(last.bytesPerSecond)}/s`,
    'f-lines': `${number(last.linesPerSecond)} lines/s, ${bytes(totals.bytesIn)} in all`,
    'f-hour': number(hour),
    'f-findings': `${number(totals.findings)} since the start`,
    'f-changed': number(totals.linesChanged),
    'f-of': `of ${plural(totals.lines, 'line')}`,
    'f-withheld': number(totals.linesWithheld + totals.linesPassedRaw),
    'f-withheld-sub':
      totals.linesPassedRaw > 0 ? `${number(totals.linesPassedRaw)} passed RAW` : 'could not be looked at',
    'f-active': `${number(streams.active)} of ${number(streams.limit)}`,
    'f-requests': `${number(totals.requests)} done, ${number(totals.requestsCut)} failed`,
  };
  for (const [id, text] of Object.entries(texts)) byId(id).textContent = text;
  byId('f-withheld').classList.toggle('alert', totals.linesWithheld + totals.linesPassedRaw > 0);
}

/** The most frequent entities of the hour, and what all others add up to. */
function seriesOf(perMinute) {
  const sums = new Map();
  for (const { byEntity } of perMinute) {
    for (const [entity, count] of Object.entries(byEntity)) sums.set(entity, (sums.get(entity) ?? 0) + count);
  }
  const sorted = [...sums].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const rest = sorted.slice(SERIES);
  const restSum = rest.reduce((sum, [, count]) => sum + count, 0);
  return {
    names: sorted.slice(0, SERIES).map(([name]) => name),
    sums: [...sorted.slice(0, SERIES).map(([, count]) => count), ...(rest.length > 0 ? [restSum] : [])],
    others: rest.length,
  };
}

function showFindings({ perMinute }) {
  const place = byId('findings-chart');
  const { names, sums, others } = seriesOf(perMinute);
  const labels = [...names, ...(others > 0 ? [`${plural(others, 'other')}`] : [])];
  byId('findings-legend').replaceChildren(
    ...labels.map((name, index) =>
      element('li', {}, [
        element('span', { class: `swatch c${index === SERIES ? 7 : index + 1}` }),
        element('span', { text: name }),
        element('b', { text: number(sums[index]) }),
      ]),
    ),
  );
  const columns = perMinute.map(({ minute, findings, byEntity }) => {
    const known = names.map((name) => byEntity[name] ?? 0);
    const rest = findings - known.reduce((sum, count) => sum + count, 0);
    const values = others > 0 ? [...known, rest] : known;
    const parts = labels.map((name, index) => [name, values[index]]).filter(([, count]) => count > 0);
    const text = `${minuteOf(minute)}: ${parts.map(([name, count]) => `${name} ${number(count)}`).join(', ') || 'none'}`;
    return { minute, findings, values, text };
  });
  table(byId('findings-table'), {
    caption: 'Minutes with findings, the newest first',
    head: ['Minute', ...labels, 'All'],
    rows: columns
      .filter(({ findings }) => findings > 0)
      .reverse()
      .map(({ minute, values, findings }) => [minuteOf(minute), ...values.map(number), number(findings)]),
    none: 'No findings in the last hour',
  });
  const all = sums.reduce((sum, count) => sum + count, 0);
  if (all === 0) {
    nothing(place, 'Nothing was found in the last hour.', [
      element('span', { text: 'Lines to be redacted go to /api/sanitize:' }),
      element('code', {
        text: `curl -H 'content-type: text/plain' --data-binary @app.log ${location.origin}/api/sanitize`,
      }),
    ]);
    return;
  }
  const marks = [0, 15, 30, 45].map((index) => ({
    share: (index + 0.5) / columns.length,
    text: minuteOf(columns[index].minute),
  }));
  marks.push({ share: 1, text: 'now' });
  drawBars(place, {
    columns,
    marks,
    title: 'Findings by entity and minute',
    description: `${plural(all, 'finding')} in the last hour: ${labels.map((name, index) => `${name} ${number(sums[index])}`).join(', ')}.`,
  });
}

function showThroughput(samples) {
  const place = byId('throughput-chart');
  table(byId('throughput-table'), {
    caption: 'Every two seconds, the newest first',
    head: ['Time', 'Bytes a second', 'Lines a second'],
    rows: [...samples]
      .reverse()
      .map(({ at, bytesPerSecond, linesPerSecond }) => [
        clock(at),
        bytes(bytesPerSecond),
        number(linesPerSecond),
      ]),
    none: 'Not measured yet',
  });
  if (samples.length < 2) {
    nothing(place, 'The first figures come in some seconds.');
    return;
  }
  const most = Math.max(...samples.map(({ bytesPerSecond }) => bytesPerSecond));
  drawLine(place, {
    points: samples.map(({ at, bytesPerSecond, linesPerSecond }) => ({
      value: bytesPerSecond,
      text: `${clock(at)}: ${bytes(bytesPerSecond)}/s, ${number(linesPerSecond)} lines/s`,
    })),
    least: 1000,
    label: (value) => `${bytes(value).replace('.0', '')}/s`,
    marks: [
      { share: 0, text: clock(samples[0].at) },
      { share: 1, text: 'now' },
    ],
    title: 'Throughput',
    description: `At most ${bytes(most)} a second since ${clock(samples[0].at)}, now ${bytes(samples.at(-1).bytesPerSecond)} a second.`,
  });
}

function showFound({ bySeverity, byRule }) {
  byId('severities').replaceChildren(
    ...SEVERITIES.map((name) =>
      element('li', { class: name === 'low' ? 'low-severity' : name }, [
        element('b', { text: number(bySeverity[name] ?? 0) }),
        element('span', { text: name }),
      ]),
    ),
  );
  const sorted = Object.entries(byRule).sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const made = element('table');
  table(made, {
    caption:
      sorted.length > TOP_RULES
        ? `The ${TOP_RULES} most frequent of ${sorted.length} rules, since the start`
        : 'By rule, since the start',
    head: ['Rule', 'Findings'],
    rows: sorted.slice(0, TOP_RULES).map(([name, count]) => [name, number(count)]),
    none: 'Nothing was found yet',
  });
  byId('top-rules').replaceChildren(made);
}

function showServices({ store, isReachable, readAt, breakers, limiters }) {
  const rows = breakers.map(({ service, state, since, failureRate, calls }) => {
    const [tone, name, meaning] = BREAKERS[state];
    const facts = [
      calls > 0 ? `${Math.round(failureRate * 100)} % of ${plural(calls, 'call')} failed` : undefined,
      since === undefined ? undefined : `since ${dayAndClock(since)}`,
    ];
    return element('li', {}, [
      element('span', { class: `tag ${tone}`, text: name }),
      element('span', { text: service }),
      element('span', { class: 'more', text: [meaning, ...facts.filter(Boolean)].join(', ') }),
    ]);
  });
  byId('breakers').replaceChildren(
    element('h3', { text: 'Circuit breakers' }),
    rows.length > 0
      ? element('ul', { class: 'checks' }, rows)
      : element('p', { class: 'note', text: 'None: no service of others has been called.' }),
  );
  byId('limiters').replaceChildren(
    element('h3', { text: 'Rate limits' }),
    ...(limiters.length > 0
      ? limiters.map(limiterView)
      : [element('p', { class: 'note', text: 'None: no calls in this minute.' })]),
  );
  const where = store === 'redis' ? 'Read from Redis' : 'Of this process only; LOGVEIL_REDIS_URL shows all';
  const age = readAt === null ? '' : `, as of ${clock(readAt)}`;
  byId('services-note').textContent = isReachable
    ? `${where}${age}.`
    : `Redis does not answer; what is shown is old${age}.`;
  byId('services-note').className = isReachable ? 'note' : 'error';
}

function limiterView({ service, used, limit, waiting, minute }) {
  const share = limit === 0 ? 0 : used / limit;
  const tone = share > 1 ? 'bad' : share > 0.8 ? 'warning' : 'good';
  const queue = waiting > 0 ? `, ${number(waiting)} waiting` : '';
  return element('div', { class: 'limiter' }, [
    element('p', {}, [
      element('span', { text: service }),
      element('span', { text: `${number(used)} of ${number(limit)} in this minute${queue}` }),
    ]),
    element('div', { class: 'meter', title: `Minute ${minute} (UTC)` }, [meter(share, tone)]),
  ]);
}

function showVerification({ state, result }) {
  const place = byId('verification');
  const words = {
    none: 'No file was named. Start with --verification FILE, and let `logveil verify --format json --output FILE` write it.',
    missing: 'The file is not there yet: `logveil verify --format json --output FILE` writes it.',
    unreadable: 'The file is no result of `logveil verify --format json`, or can not be read.',
  };
  if (result === null) {
    place.replaceChildren(element('p', { class: state === 'unreadable' ? 'error' : 'note', text: words[state] }));
    return;
  }
  const open = place.querySelector('details')?.open ?? false;
  const [tone, name] = CHECKS[result.status];
  const isOld = Date.now() - Date.parse(result.started) > STALE_DAYS * DAY_MS;
  const wrong = result.checks.filter(({ status }) => status !== 'pass' && status !== 'skipped');
  const others = result.checks.filter((check) => !wrong.includes(check));
  const fired = result.triggers.filter(({ state: trigger }) => trigger === 'fired');
  place.replaceChildren(
    element('p', { class: 'verdict' }, [
      element('span', { class: `tag ${tone}`, text: name }),
      element('span', { text: result.deployment }),
      element('span', {
        class: isOld ? 'error' : 'note',
        text: `${dayAndClock(result.started)}${isOld ? ', more than a day ago' : ''}`,
      }),
    ]),
    ...fired.map(({ title }) => element('p', { class: 'error', text: `Rollback trigger: ${title}` })),
    element('ul', { class: 'checks' }, wrong.map(checkView)),
    element('details', open ? { open: '' } : {}, [
      element('summary', { text: `${plural(others.length, 'check')} passed or skipped` }),
      element('ul', { class: 'checks' }, others.map(checkView)),
    ]),
  );
}

function checkView({ title, status, observed, recommendation, level }) {
  const [tone, name] = CHECKS[status];
  return element('li', {}, [
    element('span', { class: `tag ${tone}`, text: name }),
    element('span', { text: level === 'must' ? `${title} (must pass)` : title }),
    element('span', { class: 'more', text: observed }),
    ...(recommendation === undefined ? [] : [element('span', { class: 'more', text: recommendation })]),
  ]);
}

function showRules({ count, packs, digest, since }) {
  const facts = [
    ['Rules', number(count)],
    ['Packs and files', packs.join(', ')],
    ['In effect since', dayAndClock(since)],
    ['Digest (SHA-256)', digest],
  ];
  byId('rules').replaceChildren(
    ...facts.map(([name, value]) =>
      element('div', {}, [
        element('dt', { text: name }),
        element('dd', {}, [name.startsWith('Digest') ? element('code', { text: value }) : value]),
      ]),
    ),
  );
}

/** @param rows texts; the first of each names the row */
function table(place, { caption, head, rows, none }) {
  if (rows.length === 0) {
    place.replaceChildren(element('caption', { text: none }));
    return;
  }
  const cell = (name, text, index, scope) =>
    element(name, { text, ...(index > 0 && { class: 'number' }), ...(scope && { scope }) });
  place.replaceChildren(
    element('caption', { text: caption }),
    element('thead', {}, [
      element('tr', {}, head.map((text, index) => cell('th', text, index, 'col'))),
    ]),
    element(
      'tbody',
      {},
      rows.map((row) =>
        element('tr', {}, row.map((text, index) => cell(index === 0 ? 'th' : 'td', text, index, index === 0 && 'row'))),
      ),
    ),
  );
}

function nothing(place, text, more = []) {
  place.replaceChildren(element('div', { class: 'empty' }, [element('span', { text }), ...more]));
}
