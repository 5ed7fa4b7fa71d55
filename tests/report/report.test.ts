/** The report: its formats, languages, limits, and what it refuses. */
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, escapeHtml, escapeMarkdown } from '../../src/report/escape.ts';
import { wilson } from '../../src/report/measures.ts';
import { CATALOGUES } from '../../src/report/messages/catalogue.ts';
import { REPOSITORY } from '../support/cli.ts';
import { writeFiles } from '../support/folders.ts';
import { AUDITS, CHROMIUM, path, report, reportFolder } from './support.ts';

describe('the catalogues', () => {
  it.each(['de', 'fr'] as const)('%s has every key of en with the same places for values', (language) => {
    expect(Object.keys(CATALOGUES[language]).sort()).toEqual(Object.keys(CATALOGUES.en).sort());
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
    for (const key of Object.keys(CATALOGUES.en) as (keyof typeof CATALOGUES.en)[]) {
      expect([key, places(CATALOGUES[language][key])]).toEqual([key, places(CATALOGUES.en[key])]);
      expect(CATALOGUES[language][key].trim()).not.toBe('');
    }
  });

  it('have no key that nothing uses', () => {
    const folder = join(REPOSITORY, 'src/report');
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('messages'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const unused = Object.keys(CATALOGUES.en).filter((key) => {
      // Some are put together: `severity.${severity}`.
      const stem = key.slice(0, key.lastIndexOf('.') + 1);
      return !source.includes(`'${key}'`) && !source.includes(`\`${stem}\${`);
    });
    expect(unused).toEqual([]);
  });
});

describe('the wording', () => {
  it('says in each language what the report is not', async () => {
    const folder = reportFolder();
    const english = (await report(folder, ['audit.json', '--format', 'md'])).stdout.toString();
    for (const words of [
      'Technical evidence, not legal advice or certification',
      'No finding does not mean no personal data',
      'Detections are not data subjects',
      'does not decide on a lawful basis',
    ]) {
      expect(english).toContain(words);
    }
    expect(english).not.toMatch(/anonymised|anonymous/i);
    const titles = { de: 'Nachweisbericht nach DSGVO', fr: 'Rapport de preuves RGPD' };
    for (const [language, title] of Object.entries(titles)) {
      const html = (await report(folder, ['audit.json', '--lang', language])).stdout.toString();
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).toContain(title);
      expect(html).not.toMatch(/\{\w+\}(?![^<]*<\/style>)/);
    }
  });

  it('shows what the controller has not told as missing', async () => {
    const folder = reportFolder({ 'logveil.yaml': '' });
    const html = (await report(folder, ['audit.json'])).stdout.toString();
    expect(html.match(/class="missing">Not provided</g)?.length).toBeGreaterThan(20);
    const told = (await report(reportFolder(), ['audit.json'])).stdout.toString();
    expect(told).toContain('Nordlicht Versand GmbH');
    expect(told).toContain('45 hours left');
  });

  it('counts the clock of Art. 33 from the time that the controller sets', async () => {
    const incident = (facts: string): string =>
      `controller: { deadlineHours: 96, incidents: [{ id: x, awareAt: "2026-10-01T09:30:00+02:00"${facts} }] }\n`;
    const cases = [
      ['', '69 hours left'],
      [', notifiedAt: "2026-10-02T09:30:00+02:00"', 'stopped, notified 24 hours after awareness'],
      [', notifiedAt: "2026-10-09T09:30:00+02:00"', 'past the deadline'],
    ] as const;
    for (const [facts, expected] of cases) {
      const folder = reportFolder({ 'logveil.yaml': incident(facts) });
      const text = (await report(folder, ['audit.json', '--format', 'md'])).stdout.toString();
      expect(text).toContain(expected);
      expect(text).toContain('Deadline \\(96 hours\\)');
    }
  });
});

describe('the formats', () => {
  it('are told by the name of the output, and are for their owner only', async () => {
    const folder = reportFolder();
    const starts = {
      'r.html': '<!doctype html>',
      'r.md': '# Personal',
      'r.json': '{\n  "schema": "logveil.report/1"',
      'r.csv': '\ufeff"Art. 30',
    };
    for (const [name, start] of Object.entries(starts)) {
      expect((await report(folder, ['audit.json', '-o', name])).code).toBe(0);
      expect(readFileSync(path(folder, name), 'utf8').startsWith(start)).toBe(true);
      expect(statSync(path(folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('CSV has the rows (a) to (g) of Art. 30, and an inventory', async () => {
    const folder = reportFolder();
    const rows = (await report(folder, ['audit.json', '--format', 'csv'])).stdout
      .toString()
      .trimEnd()
      .split('\r\n');
    const letters = new Set(rows.slice(1).map((row) => row.slice(1, 4)));
    expect([...letters]).toEqual(['(a)', '(b)', '(c)', '(d)', '(e)', '(f)', '(g)']);
    const inventory = await report(folder, ['audit.json', '--format', 'csv', '--table', 'inventory']);
    const lines = inventory.stdout.toString().trimEnd().split('\r\n');
    expect(lines).toHaveLength((AUDITS[2]?.inventory.length ?? 0) + 1);
  });

  it.skipIf(CHROMIUM === undefined)('PDF is printed by the browser there is', async () => {
    const folder = reportFolder();
    expect((await report(folder, ['audit.json', '-o', 'r.pdf'])).code).toBe(0);
    expect(readFileSync(path(folder, 'r.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('PDF without a browser says what can be done', async () => {
    const folder = reportFolder();
    const run = await report(folder, ['audit.json', '-o', 'r.pdf'], { env: { PATH: '/nonexistent' } });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('expected a Chromium');
    const failing = await report(folder, ['audit.json', '-o', 'r.pdf'], {
      env: { LOGVEIL_CHROMIUM: '/bin/false' },
    });
    expect(failing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the browser ended with code 1'),
    });
  });

  it('the sample in docs/ is what the code makes', async () => {
    const folder = reportFolder();
    const run = await report(folder, ['audit.json', 'q1.json', 'q2.json']);
    const sample = join(REPOSITORY, 'docs/sample-report.html');
    // The digests of the inputs are of this very run's files, which are the same in each.
    if (process.env.UPDATE_GOLDEN) writeFileSync(sample, run.stdout);
    expect(run.stdout.toString() === readFileSync(sample, 'utf8')).toBe(true);
  });
});

describe('inputs', () => {
  it('that are no result of an audit are refused, without a word of them', async () => {
    const folder = reportFolder({
      'log.txt': 'anna@example.com logged in\n',
      'findings.jsonl': '{"schema":"logveil.finding/1"}\n',
      'other.json': '{"schema":"something/9"}',
      'torn.json': '{"schema":"logveil.audit/1","id":"anna@example.com"',
      'wrong.json': '{"schema":"logveil.audit/1","id":7}',
    });
    const cases = [
      [['log.txt'], 'expected JSON that logveil wrote'],
      [['findings.jsonl'], 'findings only'],
      [['other.json'], 'expected one of the forms'],
      [['torn.json'], 'expected JSON'],
      [['wrong.json'], 'not as logveil writes it'],
      [['missing.json'], 'no such file'],
      [['audit.json', 'audit.json'], 'each audit once'],
      [[], 'expected the result of an audit'],
      [['audit.json', '-o', 'audit.json'], 'expected a file other than'],
    ] as const;
    for (const [args, message] of cases) {
      const run = await report(folder, args);
      expect([args, run.code]).toEqual([args, 2]);
      expect(run.stderr).toContain(message);
      expect(run.stderr).not.toContain('anna');
    }
  });

  it('of redaction and erasure are told in their sections', async () => {
    const folder = reportFolder();
    const summary = {
      ...{
        schema: 'logveil.summary/1',
        key: { id: 'k1', source: 'key-file' },
        findings: 100,
        byAction: { redact: 90, keep: 10 },
      },
      anomalies: {
        linesWithheld: 3,
        linesPassedOnError: 0,
        linesDropped: 0,
        bytesDropped: 0,
        longLines: 0,
        blocksWithoutEnd: 0,
        matchesInKeys: 10,
        findingsLost: 0,
      },
    };
    const replaced = {
      schema: 'logveil.scrub/1',
      event: 'replaced',
      time: '2026-09-30T10:00:00.000Z',
      path: 'a.log',
      valuesChanged: 5,
      sha256After: 'ab'.repeat(32),
    };
    const run = { schema: 'logveil.scrub/1', event: 'run', time: replaced.time };
    writeFiles(folder, {
      'summary.json': JSON.stringify(summary),
      'scrub.jsonl': `${JSON.stringify(run)}\n${JSON.stringify(replaced)}\n`,
    });
    const text = (
      await report(folder, ['audit.json', 'summary.json', 'scrub.jsonl', '--format', 'md'])
    ).stdout.toString();
    expect(text).toContain('90.0% \\: 90 of 100'.replace(' \\:', '\\:'));
    expect(text).toContain('abababababababab');
  });
});

describe('the signed manifest', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519').publicKey;
  const pem = (key: typeof publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();
  const keys = {
    'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'key.pub': pem(publicKey),
    'other.pub': pem(other),
  };

  it('proves that nothing was changed since', async () => {
    const folder = reportFolder(keys);
    expect((await report(folder, ['audit.json', '-o', 'r.html', '--sign-key', 'key.pem'])).code).toBe(0);
    const verify = (...args: string[]) => report(folder, ['--verify', 'r.html.manifest.json', ...args]);
    expect(await verify('--public-key', 'key.pub')).toMatchObject({ code: 0 });
    const alone = await verify();
    expect(alone.code).toBe(0);
    expect(alone.stdout.toString()).toContain("the key is the manifest's own");
    expect((await verify('--public-key', 'other.pub')).code).toBe(1);
    writeFileSync(path(folder, 'r.html'), 'changed');
    const changed = await verify('--public-key', 'key.pub');
    expect(changed.code).toBe(1);
    expect(changed.stdout.toString()).toContain('r.html: changed since');
  });

  it('does not hold when a word of it is changed', async () => {
    const folder = reportFolder(keys);
    await report(folder, ['audit.json', '-o', 'r.html', '--sign-key', 'key.pem']);
    const file = path(folder, 'r.html.manifest.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('2026-10-02', '2026-10-03'));
    expect((await report(folder, ['--verify', 'r.html.manifest.json'])).code).toBe(1);
    for (const key of ['key.pub', 'audit.json', 'missing']) {
      const run = await report(folder, ['audit.json', '-o', 'x.html', '--sign-key', key]);
      expect(run.code).toBe(2);
    }
  });
});

describe('escaping', () => {
  it('of HTML leaves no character that means something', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)|[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  it('of CSV lets no field begin a formula or end itself', () => {
    const start = fc.constantFrom('', ' ', '\t', '\u00a0', '\ufeff');
    const sign = fc.constantFrom('=', '+', '-', '@', '|', '%', '＝');
    fc.assert(
      fc.property(start, sign, fc.string(), (blank, first, rest) => {
        const field = csvField(blank + first + rest);
        expect(field).toMatch(/^"'/);
        expect(field.slice(1, -1).replaceAll('""', '')).not.toContain('"');
      }),
    );
  });

  it('of Markdown makes no table cell, link or tag', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMarkdown(text)).not.toMatch(/\n|(?<!\\)[|<`[\]]|https?:/);
      }),
    );
  });
});

it("Wilson's interval is that of the literature", () => {
  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  const cases = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [confirmed, sampled, low, high] of cases) {
    expect(wilson(confirmed, sampled).low).toBeCloseTo(low, 4);
    expect(wilson(confirmed, sampled).high).toBeCloseTo(high, 4);
  }
});
