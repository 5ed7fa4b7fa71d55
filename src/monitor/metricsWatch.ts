/** What `logveil serve` or `logveil tail` say at `/metrics`: one GET a round, text of Prometheus. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const TIMEOUT_MS = 2000;
const MOST_BYTES = 4 * 1024 * 1024;

export interface MetricsFigures {
  readonly trouble: string | undefined;
  /** Bytes and lines since it started. */
  readonly bytes: number;
  readonly lines: number;
  readonly findings: number;
  readonly withheld: number;
}

const NOTHING: Omit<MetricsFigures, 'trouble'> = { bytes: 0, lines: 0, findings: 0, withheld: 0 };

/** Never throws. */
export async function readMetrics(url: string): Promise<MetricsFigures> {
  const text = await fetchText(url);
  if (text === undefined) return { ...NOTHING, trouble: 'no answer' };
  const sum = (name: RegExp): number => sumOf(text, name);
  return {
    trouble: undefined,
    bytes: sum(/^logveil_(?:tail_bytes_read|bytes_in)_total$/),
    lines: sum(/^logveil_(?:tail_)?lines_total$/),
    findings: sum(/^logveil_(?:tail_)?findings_total$/),
    withheld: sum(/^logveil_(?:tail_)?lines_withheld_total$/),
  };
}

function fetchText(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { agent: false, headers: { accept: 'text/plain' }, timeout: TIMEOUT_MS });
    const end = (text: string | undefined): void => {
      clearTimeout(timer);
      request.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => end(undefined), TIMEOUT_MS);
    request.on('error', () => end(undefined));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', () => end(undefined));
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MOST_BYTES) end(undefined);
      });
      response.on('end', () =>
        end(response.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined),
      );
    });
    request.end();
  });
}

/** Over all labels. */
function sumOf(text: string, wanted: RegExp): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^([a-z_:]+)(?:\{.*\})? (\S+)/.exec(line) ?? [];
    if (wanted.test(name) && Number.isFinite(Number(value))) sum += Number(value);
  }
  return sum;
}
