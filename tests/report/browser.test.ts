/** The HTML report in a browser: structure, nothing loaded, nothing said on the console, and fit for everybody. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, path, report, reportFolder } from './support.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(
    file: string,
    colorScheme: 'light' | 'dark',
    width: number,
  ): Promise<{ page: Page; told: string[] }> {
    // Its policy forbids scripts; axe has to be one.
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height: 900 },
      bypassCSP: true,
    });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => told.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, told };
  }

  it('has sixteen titled sections, loads nothing, and stays within its width', async () => {
    const folder = reportFolder();
    const run = await report(folder, ['audit.json', 'q1.json', 'q2.json', '-o', 'r.html']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const file = path(folder, 'r.html');
    for (const width of [1280, 360]) {
      const { page, told } = await open(file, 'light', width);
      expect(told).toEqual([pathToFileURL(file).href]);
      expect(await page.locator('main > section[aria-labelledby] > h2').count()).toBe(16);
      expect(await page.locator('nav a').count()).toBe(16);
      for (const target of await page
        .locator('nav a')
        .evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
        expect(await page.locator(target ?? '#none').count()).toBe(1);
      }
      expect(await page.locator('script, link, img, iframe, object').count()).toBe(0);
      const charts = page.locator('svg[role=img]');
      expect(await charts.count()).toBeGreaterThanOrEqual(7);
      for (const chart of await charts.all()) {
        const names = (await chart.getAttribute('aria-labelledby'))?.split(' ') ?? [];
        expect(names).toHaveLength(2);
        for (const name of names) expect(await chart.locator(`#${name}`).textContent()).not.toBe('');
      }
      expect(await page.locator('table:not(:has(caption)), table:not(:has(th[scope=col]))').count()).toBe(0);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  });

  it.each(['light', 'dark'] as const)('has no accessibility mistake that axe knows, %s', async (scheme) => {
    const folder = reportFolder();
    await report(folder, ['audit.json', 'q1.json', '--lang', 'de', '-o', 'r.html']);
    const { page } = await open(path(folder, 'r.html'), scheme, 1280);
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    expect(told).toEqual([]);
    await page.context().close();
  });

  it('shows hostile names as text', async () => {
    const hostile = '"><script>document.title="owned"</script><img src=x onerror=alert(1)>\u202e';
    const audit = readFileSync(path(reportFolder(), 'audit.json'), 'utf8')
      .replaceAll('"web-shop"', JSON.stringify(hostile))
      .replaceAll('/srv/logs/', `${JSON.stringify(`/srv/${hostile}/`).slice(1, -1)}`);
    const folder = reportFolder({ 'audit.json': audit });
    expect((await report(folder, ['audit.json', '-o', 'r.html'])).code).toBe(0);
    const { page, told } = await open(path(folder, 'r.html'), 'light', 1280);
    expect(told).toHaveLength(1);
    expect(await page.title()).not.toBe('owned');
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await page.locator('body').textContent()).toContain('<script>document.title=');
    expect(readFileSync(path(folder, 'r.html'), 'utf8')).not.toContain('\u202e');
    await page.context().close();
  });
});
