/** How log stores want their batches. */
import type { SinkEvent } from './transport.ts';

export const HTTP_FORMATS = ['ndjson', 'loki', 'elasticsearch', 'splunk', 'otlp'] as const;
export type HttpFormat = (typeof HTTP_FORMATS)[number];

interface HttpBody {
  readonly type: string;
  readonly text: string;
}

/** What an answer of success says of single events. */
interface HttpVerdict {
  /** Places in the batch of events that may be taken later. */
  readonly later: readonly number[];
  /** Events that are refused for good. */
  readonly never: readonly number[];
}

interface Format {
  readonly body: (events: readonly SinkEvent[]) => HttpBody;
  /** How a token is given. */
  readonly authorization: (token: string) => string;
  readonly verdict?: (answer: unknown) => HttpVerdict;
}

const MS_IN_NS = 1_000_000n;
const JSON_TYPE = 'application/json';
const bearer = (token: string): string => `Bearer ${token}`;

export const FORMATS: Readonly<Record<HttpFormat, Format>> = {
  ndjson: {
    authorization: bearer,
    body: (events) => ({
      type: 'application/x-ndjson',
      text: events.map((event) => `${asObject(event)}\n`).join(''),
    }),
  },
  // https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
  loki: { authorization: bearer, body: (events) => ({ type: JSON_TYPE, text: loki(events) }) },
  // https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
  elasticsearch: {
    authorization: (token) => `ApiKey ${token}`,
    body: (events) => ({
      type: 'application/x-ndjson',
      text: events.map((event) => `{"create":{}}\n${elastic(event)}\n`).join(''),
    }),
    verdict: bulkVerdict,
  },
  // https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
  splunk: {
    authorization: (token) => `Splunk ${token}`,
    body: (events) => ({
      type: JSON_TYPE,
      text: events
        .map((event) =>
          JSON.stringify({ time: Date.now() / 1000, source: event.source, event: textOf(event) }),
        )
        .join('\n'),
    }),
  },
  // https://opentelemetry.io/docs/specs/otlp/#otlphttp and the JSON mapping of opentelemetry-proto's logs.proto
  otlp: { authorization: bearer, body: (events) => ({ type: JSON_TYPE, text: otlp(events) }) },
};

function textOf({ bytes }: SinkEvent): string {
  return bytes.toString('utf8');
}

/** An event that is a JSON object goes as it is, without a line end in it. */
function asObject(event: SinkEvent): string {
  const text = textOf(event);
  if (text.startsWith('{') && !text.includes('\n')) {
    try {
      JSON.parse(text);
      return text;
    } catch {
      // Only looks like one.
    }
  }
  return JSON.stringify({ message: text, source: event.source });
}

function elastic(event: SinkEvent): string {
  return JSON.stringify({
    '@timestamp': new Date().toISOString(),
    message: textOf(event),
    log: { file: { path: event.source } },
  });
}

/** Times of one stream count up, so that the order stays. */
function loki(events: readonly SinkEvent[]): string {
  const now = BigInt(Date.now()) * MS_IN_NS;
  const bySource = new Map<string, [string, string][]>();
  for (const [index, event] of events.entries()) {
    const values = bySource.get(event.source) ?? [];
    bySource.set(event.source, values);
    values.push([String(now + BigInt(index)), textOf(event)]);
  }
  const streams = [...bySource].map(([source, values]) => ({
    stream: { job: 'logveil', filename: source },
    values,
  }));
  return JSON.stringify({ streams });
}

function otlp(events: readonly SinkEvent[]): string {
  const observedTimeUnixNano = String(BigInt(Date.now()) * MS_IN_NS);
  const logRecords = events.map((event) => ({
    observedTimeUnixNano,
    body: { stringValue: textOf(event) },
    attributes: [{ key: 'log.file.path', value: { stringValue: event.source } }],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'logveil' } }] };
  return JSON.stringify({
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'logveil' }, logRecords }] }],
  });
}

const TOO_MANY = 429;
const SERVER_ERROR = 500;

function bulkVerdict(answer: unknown): HttpVerdict {
  const later: number[] = [];
  const never: number[] = [];
  const { items } = (answer ?? {}) as { items?: { create?: { status?: number } }[] };
  for (const [index, item] of (items ?? []).entries()) {
    const status = item.create?.status ?? 0;
    if (status === TOO_MANY || status >= SERVER_ERROR) later.push(index);
    else if (status >= 400 && status !== 409) never.push(index);
  }
  return { later, never };
}
