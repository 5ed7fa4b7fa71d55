/** Every route and every way in which it refuses, with what /api/openapi.json says about them. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/server/routeSpecs.ts';
import { runCli } from '../support/cli.ts';
import { type Answer, errorOf, jsonOf, type Served, serve, TOKEN } from './support.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const CANARY = ['canary-q7xw', 'Pw7261'].join('');
const OPEN = ['/livez', '/readyz', '/api/health'];

interface Api {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Error: object } };
}
interface Operation {
  readonly security?: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>
  >;
}

async function apiOf(served: Served): Promise<Api> {
  return (await served.json('/api/openapi.json')) as unknown as Api;
}

/** What of an answer is not as the description says. */
function differences(api: Api, method: string, path: string, answer: Answer): unknown {
  const operation = api.paths[path]?.[method.toLowerCase()];
  const response = operation?.responses[String(answer.status)];
  if (response === undefined) return `no response ${answer.status} of ${method} ${path}`;
  const type = (answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  const content = response.content[type];
  if (content === undefined) return `no type ${type} for ${answer.status} of ${method} ${path}`;
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  const validate = ajv.compile({ ...content.schema, components: api.components });
  validate(type.endsWith('json') ? jsonOf(answer) : answer.body.toString());
  return validate.errors ?? undefined;
}

describe('the description', () => {
  it('has every route and no other, and every real answer is as it says', async () => {
    const served = await serve({ token: TOKEN });
    const api = await apiOf(served);
    expect(api.openapi).toBe('3.1.0');
    expect(Object.keys(api.paths)).toEqual(ROUTES.map(({ url }) => url));
    await served.sanitize('to user-7@toy.example\n');
    for (const { method, url, id, isOpen } of ROUTES) {
      const operation = api.paths[url]?.[method.toLowerCase()];
      expect(operation?.security).toEqual(isOpen ? [] : [{ bearer: [] }]);
      if (id === 'events') continue;
      const accept = id === 'sanitize' ? { accept: 'application/json' } : {};
      const headers = { ...accept, ...(method === 'POST' && { 'content-type': 'text/plain' }) };
      const answer = await served.ask(method, url, {
        headers,
        ...(method === 'POST' && { body: 'a user-1@toy.example' }),
      });
      expect([url, answer.status]).toEqual([url, 200]);
      expect(differences(api, method, url, answer)).toBeUndefined();
      if (isOpen) continue;
      const refused = await served.ask(method, url, {
        headers: { ...headers, authorization: 'Bearer wrong' },
      });
      expect([url, refused.status, errorOf(refused)]).toEqual([url, 401, 'UNAUTHORIZED']);
      expect(differences(api, method, url, refused)).toBeUndefined();
    }
    const typed = await served.sanitize('x', { 'content-type': 'image/png' });
    expect(differences(api, 'POST', '/api/sanitize', typed)).toBeUndefined();
    const asked = await served.ask('GET', '/api/findings?minutes=0');
    expect([asked.status, errorOf(asked)]).toEqual([400, 'BAD_REQUEST']);
    expect(differences(api, 'GET', '/api/findings', asked)).toBeUndefined();
  });
});

describe('who may ask', () => {
  it('needs the whole token, in the header, for all but the probes and the page without data', async () => {
    const served = await serve({ token: TOKEN });
    const status = async (path: string, authorization: string): Promise<number> =>
      (await served.ask('GET', path, { headers: { authorization } })).status;
    for (const path of [...OPEN, '/', '/dashboard/main.js', '/dashboard/dashboard.css']) {
      expect([path, await status(path, '')]).toEqual([path, 200]);
    }
    for (const wrong of [
      '',
      'Bearer',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(0, -1)}`,
      `Basic ${TOKEN}`,
      TOKEN,
    ]) {
      expect([wrong, await status('/api/status', wrong)]).toEqual([wrong, 401]);
    }
    expect(await status(`/api/status?token=${TOKEN}`, '')).toBe(401);
    expect(await status('/api/status', `bearer ${TOKEN}`)).toBe(200);
    const refused = await served.ask('GET', '/metrics', { headers: { authorization: '' } });
    expect(refused.headers['www-authenticate']).toBe('Bearer realm="logveil"');
  });

  it('without a token, answers this machine only, and no web page of another origin', async () => {
    const served = await serve({ settings: '  allowedHosts: [logs.example]\n' });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await served.ask('GET', '/api/status', { headers })).status;
    for (const host of [
      'localhost',
      'localhost:1',
      '127.0.0.1:80',
      '[::1]:8',
      'logs.example',
      'LOGS.example:443',
    ]) {
      expect([host, await status({ host })]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'localhost.evil', 'x:y:z']) {
      expect([host, await status({ host })]).toEqual([host, 403]);
    }
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ origin: served.url })).toBe(200);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect((await served.ask('GET', '/api/health', { headers: { host: 'evil.example' } })).status).toBe(200);
  });

  it('is refused at the start where others could ask without a token', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
      const run = await runCli(['serve', '--host', host, '--port', '0']);
      expect(run).toMatchObject({ code: 2, stdout: Buffer.alloc(0) });
      expect(run.stderr).toContain(`--host ${host}: expected a loopback address`);
      expect(run.stderr).toContain('openssl rand -hex 32');
    }
    for (const token of ['short', 'a token with spaces in it', `${CANARY}${CANARY}\u00e9`]) {
      const run = await runCli(['serve', '--port', '0'], { env: { LOGVEIL_TOKEN: token } });
      expect(run.code).toBe(2);
      expect(run.stderr).toContain('LOGVEIL_TOKEN: expected at least 16');
      expect(run.stderr).not.toContain(token);
    }
  });
});

describe('manners', () => {
  it('sends a strict policy and tells nobody to keep anything', async () => {
    const served = await serve();
    const { headers } = await served.ask('GET', '/api/status');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers['server-timing']).toMatch(/^total;dur=\d+(\.\d)?$/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('takes a well-formed request id, and no other', async () => {
    const served = await serve();
    const idOf = async (id: string): Promise<string> =>
      String(
        (await served.ask('GET', '/livez', { headers: { 'x-request-id': id } })).headers['x-request-id'],
      );
    const uuid = '0b7e9c1e-6f39-4c8b-a6a6-3b8f1d0f2c11';
    expect(await idOf(uuid)).toBe(uuid);
    expect(await idOf('0AF7651916CD43DD8448EB211C80319C')).toBe('0af7651916cd43dd8448eb211c80319c');
    for (const id of ['', CANARY, `${uuid}x`, `${uuid}, ${uuid}`])
      expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('limits how often one client may ask, wrong tokens included; probes are answered all the same', async () => {
    const served = await serve({ token: TOKEN, args: ['--rate-limit', '3'] });
    const wrong = { headers: { authorization: 'Bearer guess' } };
    for (let times = 0; times < 3; times++)
      expect((await served.ask('GET', '/api/status', wrong)).status).toBe(401);
    const limited = await served.ask('GET', '/api/status');
    expect([limited.status, errorOf(limited)]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(errorOf(await served.ask('GET', '/nowhere'))).toBe('RATE_LIMITED');
    for (let times = 0; times < 5; times++) expect((await served.ask('GET', '/livez')).status).toBe(200);
  });

  it('never repeats what was asked: not in an answer, a header, the log or a metric', async () => {
    const served = await serve({ token: TOKEN });
    const secret = {
      'x-request-id': CANARY,
      cookie: CANARY,
      'user-agent': CANARY,
      referer: `http://x/${CANARY}`,
    };
    const answers = [
      await served.ask('GET', `/${CANARY}?key=${CANARY}`, { headers: secret }),
      await served.ask('GET', `/api/findings?minutes=${CANARY}`, { headers: secret }),
      await served.ask('GET', `/api/findings?${CANARY}=1`, { headers: secret }),
      await served.ask('GET', `/%${CANARY}`, { headers: secret }),
      await served.ask('GET', '/api/status', { headers: { ...secret, authorization: `Bearer ${CANARY}` } }),
      await served.ask('POST', '/api/health', {
        headers: { 'content-type': 'application/json' },
        body: `{"${CANARY}`,
      }),
      await served.ask('DELETE', `/api/sanitize/${CANARY}`),
      await served.sanitize(CANARY, { 'content-type': `text/${CANARY}` }),
      await served.sanitize(CANARY, { 'content-encoding': CANARY }),
      await served.sanitize(CANARY, { 'content-encoding': 'gzip' }),
      await served.sanitize(`\ufeff${CANARY}`, { 'content-type': `text/plain; charset=${CANARY}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([
      404, 400, 400, 400, 401, 405, 404, 415, 415, 400, 415,
    ]);
    for (const answer of answers) {
      expect(errorOf(answer)).toMatch(/^[A-Z_]+$/);
      expect(JSON.stringify(answer.headers) + answer.body.toString()).not.toContain(CANARY);
    }
    const broken = await served.raw(`GET /${CANARY} HTTP/1.1\r\nhost: x\r\n${CANARY}\r\n\r\n`);
    expect(broken).toMatch(/^HTTP\/1\.1 400 /);
    expect(broken).not.toContain(CANARY);
    const metrics = (await served.ask('GET', '/metrics')).body.toString();
    expect(metrics).toContain('logveil_http_requests_total{method="GET",route="(none)",status="404"} 1');
    expect(metrics + served.err + served.out).not.toContain(CANARY);
    expect(served.err).toContain('"route":"/api/findings"');
    expect(served.err).not.toContain('127.0.0.1,');
  });

  it('counts what it did, for people and for Prometheus', async () => {
    const served = await serve();
    await served.sanitize('to user-7@toy.example and user-8@toy.example\nkey tok_abcdefghijklmnopqrstuvwx\n');
    expect(await served.json('/api/findings?minutes=1')).toMatchObject({
      findings: 3,
      byEntity: { EMAIL_ADDRESS: 2, TOY_TOKEN: 1 },
      bySeverity: { low: 0, medium: 2, high: 0, critical: 1 },
      byAction: { redact: 3 },
      perMinute: [expect.objectContaining({ byRule: expect.anything() })],
    });
    const metrics = (await served.ask('GET', '/metrics')).body.toString();
    for (const line of [
      'logveil_findings_total{rule="toy-mail"} 2',
      'logveil_lines_total 2',
      'logveil_http_requests_total{method="POST",route="/api/sanitize",status="200"} 1',
      'logveil_stage_runs_total{stage="http_sanitize"} 1',
      'logveil_ready 1',
    ]) {
      expect(metrics).toContain(`${line}\n`);
    }
    expect(await served.json('/api/health')).toMatchObject({
      status: 'ok',
      redacts: true,
      rules: { count: 2 },
    });
    expect((await served.ask('HEAD', '/livez')).status).toBe(200);
  });
});
