/** The dashboard in a browser: with no data, with data as it comes, with a token, and when the server is gone. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from '../report/support.ts';
import { type Served, serve, TOKEN } from './support.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LEAK = 'to user-7@toy.example\nkey tok_abcdefghijklmnopqrstuvwx\n';
const VERIFICATION = {
  ...{
    schema: 'logveil.verification/1',
    version: '0.1.0',
    deployment: '<b>shop</b>',
    started: '2026-11-22T10:00:00Z',
  },
  ...{
    seconds: 1,
    status: 'fail',
    exitCode: 2,
    counts: { pass: 1, warn: 0, fail: 1, unknown: 0, skipped: 0 },
  },
  checks: ['pass', 'fail'].map((status, index) => ({
    ...{ number: index + 1, id: status, title: `Check ${status}`, level: 'must', status, observed: 'seen' },
    ...{ threshold: 'none', recommendation: 'do this', details: [], metrics: [], seconds: 0 },
  })),
  triggers: [{ number: 1, id: 'pii', title: 'PII visible', state: 'fired', reason: 'x', checks: ['fail'] }],
  runbook: [{ number: 1, id: 'step', title: 'Step', commands: ['secret-command'] }],
};

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe.skipIf(CHROMIUM === undefined)('the dashboard in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...['--headless', '--disable-gpu', '--disable-background-networking'],
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(
    served: Served,
    {
      scheme = 'light',
      width = 1280,
      bypassCSP = false,
    }: { scheme?: 'light' | 'dark'; width?: number; bypassCSP?: boolean } = {},
  ): Promise<{ page: Page; told: string[]; asked: string[] }> {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height: 900 },
      bypassCSP,
    });
    const page = await context.newPage();
    const told: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(served.url);
    return { page, told, asked };
  }

  const shows = (page: Page, id: string, text: string | RegExp) =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor();

  it('works with nothing to show, loads only its own files, and follows what happens', async () => {
    const served = await serve();
    const { page, told, asked } = await open(served);
    await shows(page, 'state', 'Redacting');
    await shows(page, 'findings-chart', 'Nothing was found in the last hour');
    await shows(page, 'f-changed', /^0$/);
    await shows(page, 'verification', 'No file was named');
    await served.sanitize(LEAK);
    await shows(page, 'f-changed', /^2$/);
    await shows(page, 'f-hour', /^2$/);
    await shows(page, 'findings-legend', /EMAIL_ADDRESS\s*1/);
    expect(await page.locator('#findings-chart svg[role=img] > title').textContent()).toBe(
      'Findings by entity and minute',
    );
    await page.getByText('As a table').first().click();
    expect(await page.locator('#findings-table tbody tr').count()).toBe(1);
    await served.sanitize(LEAK);
    await shows(page, 'f-changed', /^4$/);
    // It is drawn anew all the time; what somebody has opened stays open.
    expect(await page.locator('details[open]').count()).toBe(1);
    for (const url of asked) expect(url.startsWith(`${served.url}/`)).toBe(true);
    expect(told).toEqual([]);
    await page.context().close();
  });

  it('says that the connection is lost, and shows what it knew until it is back', async () => {
    const served = await serve();
    const { page } = await open(served);
    await served.sanitize(LEAK);
    await shows(page, 'f-changed', /^2$/);
    served.child.kill('SIGKILL');
    await shows(page, 'lost', 'Connection lost at');
    await shows(page, 'state', 'Connection lost');
    expect(await page.locator('#f-changed').textContent()).toBe('2');
    const again = await serve({ args: ['--port', String(served.port)] });
    await shows(page, 'state', 'Redacting');
    await page.locator('#lost').waitFor({ state: 'hidden' });
    await again.sanitize(LEAK);
    await page.context().close();
  });

  it('asks for the token, keeps it in no address, and forgets it', async () => {
    const served = await serve({ token: TOKEN });
    const { page, told, asked } = await open(served);
    await shows(page, 'state', 'Waiting for the token');
    expect(await page.locator('#figures').isHidden()).toBe(true);
    await page.fill('#token', `${TOKEN}-wrong`);
    await page.keyboard.press('Enter');
    await shows(page, 'token-error', 'not accepted');
    await page.fill('#token', TOKEN);
    await page.getByRole('button', { name: 'Show figures' }).click();
    await shows(page, 'state', 'Redacting');
    expect(await page.locator('#token').inputValue()).toBe('');
    await page.reload();
    await shows(page, 'state', 'Redacting');
    expect([page.url(), ...asked].join(' ')).not.toContain(TOKEN);
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    await page.getByRole('button', { name: 'Forget token' }).click();
    await shows(page, 'state', 'Waiting for the token');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    // The browser itself tells of the two refusals.
    expect(told.filter((text) => !text.includes('401'))).toEqual([]);
    await page.context().close();
  });

  it('has no accessibility mistake that axe knows, stays within its width, and shows names as text', async () => {
    const served = await serve({ args: ['--verification', 'v.json'] });
    writeFileSync(served.path('v.json'), JSON.stringify(VERIFICATION));
    await served.sanitize(LEAK.repeat(50));
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        const { page } = await open(served, { scheme, width, bypassCSP: true });
        await shows(page, 'verification', 'Rollback trigger: PII visible');
        await shows(page, 'verification', '<b>shop</b>');
        await page.locator('#throughput-chart svg').waitFor();
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect(await page.locator('body').textContent()).not.toContain('secret-command');
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
          0,
        );
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
        const told = violations.map(
          ({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
        );
        expect([scheme, width, ...told]).toEqual([scheme, width]);
        await picture(page, `${scheme}-${width}`);
        await page.context().close();
      }
    }
  });
});

/** For whoever wants to look: `LOGVEIL_PICTURES=FOLDER`. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.LOGVEIL_PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `dashboard-${name}.png`), fullPage: true });
}
