/** Where settings come from, which of them wins, and what is said about a wrong one. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkSettings } from '../../src/config/check.ts';
import { checkSetting, loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { IoError, ProblemsError, UsageError } from '../../src/errors.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'logveil-config-')));
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  workIn('a', 'b');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function workIn(...path: string[]): void {
  vi.spyOn(process, 'cwd').mockReturnValue(join(folder, ...path));
}

function write(path: string, text: string): string {
  const full = join(folder, path);
  writeFileSync(full, text);
  return full;
}

const load = (flags: Config = {}, path?: string, env: NodeJS.ProcessEnv = {}): Promise<Config> =>
  loadConfig(flags, path, env);

describe('the file', () => {
  test('is found upwards, the nearest first', async () => {
    expect(await load()).toEqual({});
    write('logveil.yaml', 'action: mask\n');
    expect(await load()).toEqual({ action: 'mask' });
    write('a/logveil.yml', 'action: remove\n');
    expect(await load()).toEqual({ action: 'remove' });
    write('a/b/logveil.yaml', '');
    expect(await load()).toEqual({});
  });

  test('that can not be read is not passed over', async () => {
    write('logveil.yaml', 'action: mask\n');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'a/logveil.yaml'));
    await expect(load()).rejects.toThrow(/a\/logveil\.yaml: the configuration can't be read: no such file/);
  });

  test.each(['# only\n# comments\n', '---\n', '\n# x', '{}'])(
    'of no settings makes none: %j',
    async (text) => {
      write('logveil.yaml', text);
      expect(await load()).toEqual({});
    },
  );

  test('named by --config or LOGVEIL_CONFIG beats the one that is found', async () => {
    write('logveil.yaml', 'action: mask\n');
    const other = write('a/other.yaml', 'action: keep\n');
    expect(await load({}, other)).toEqual({ action: 'keep' });
    expect(await load({}, undefined, { LOGVEIL_CONFIG: other })).toEqual({ action: 'keep' });
    await expect(load({}, join(folder, 'missing.yaml'))).rejects.toThrow(IoError);
  });

  test('has paths relative to itself, and names of packs', async () => {
    write(
      'logveil.yaml',
      'rules: [secrets, pii/de, ./own, more/rules.yaml, /etc/rules]\nfindings: out/f.jsonl\nkeyFile: key\nsummary: /tmp/s.json\n',
    );
    expect(await load()).toEqual({
      rules: ['secrets', 'pii/de', join(folder, 'own'), join(folder, 'more/rules.yaml'), '/etc/rules'],
      findings: join(folder, 'out/f.jsonl'),
      keyFile: join(folder, 'key'),
      summary: '/tmp/s.json',
    });
  });

  test('shows all mistakes, each at its place', async () => {
    const path = write(
      'logveil.yaml',
      'action: hide\nmaxLine: much\nmask:\n  keepLast: 100\n  keepfirst: 1\nrule: [x]\n',
    );
    let error: unknown;
    try {
      await load();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ProblemsError);
    const { problems, code } = error as ProblemsError;
    expect(code).toBe('LOGVEIL_CONFIG');
    expect(new Set(problems.map(({ line, column }) => `${line}:${column}`))).toEqual(
      new Set(['1:1', '2:1', '4:3', '5:3', '6:1']),
    );
    for (const problem of problems) expect(problem.file).toBe(path);
    expect(problems.find(({ line }) => line === 2)?.message).toMatch(/64KiB/);
    expect(problems.find(({ line }) => line === 6)?.message).toMatch(/unknown field `rule`/);
  });

  test('may have as many bytes as the limit says, not as many characters', async () => {
    write('logveil.yaml', `# ${'\u{1F600}'.repeat(1024 * 1024)}\n`);
    await expect(load()).rejects.toThrow(/expected a file of at most 4194304 bytes/);
  });

  test('that is no YAML, or bent on expanding without bound, is refused', async () => {
    write('logveil.yaml', 'action: [\n');
    await expect(load()).rejects.toThrow(/logveil\.yaml:\d+:\d+: expected valid YAML/);
    write(
      'logveil.yaml',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefghij'[index]}`)}]`)
        .join('\n')}\n`,
    );
    await expect(load()).rejects.toThrow(ProblemsError);
  });
});

describe('environment and flags', () => {
  test('flags beat the environment, the environment beats the file', async () => {
    write('logveil.yaml', 'action: mask\nonError: pass\nmaxLine: 1MiB\n');
    const env = { LOGVEIL_ACTION: 'remove', LOGVEIL_MAX_LINE: '64KiB', LOGVEIL_RULES: 'secrets, pii' };
    expect(await load({ action: 'keep' }, undefined, env)).toEqual({
      action: 'keep',
      onError: 'pass',
      maxLine: 65536,
      rules: ['secrets', 'pii'],
    });
  });

  test('the key in the environment beats a key file in the file, not one in the environment or a flag', async () => {
    write('logveil.yaml', 'keyFile: /a\n');
    const key = { LOGVEIL_KEY: '0f'.repeat(32) };
    expect(await load({}, undefined, { LOGVEIL_KEY: '' })).toEqual({ keyFile: '/a' });
    expect(await load({}, undefined, key)).toEqual({});
    expect(await load({}, undefined, { ...key, LOGVEIL_KEY_FILE: '/b' })).toEqual({ keyFile: '/b' });
    expect(await load({ keyFile: '/c' }, undefined, { ...key, LOGVEIL_KEY_FILE: '/b' })).toEqual({
      keyFile: '/c',
    });
  });

  test('an empty variable says nothing, a wrong one is named', async () => {
    expect(await load({}, undefined, { LOGVEIL_ACTION: '' })).toEqual({});
    await expect(load({}, undefined, { LOGVEIL_ACTION: 'hide' })).rejects.toThrow(UsageError);
    await expect(load({}, undefined, { LOGVEIL_ACTION: 'hide' })).rejects.toThrow(/LOGVEIL_ACTION/);
  });
});

describe('settings that come from no file', () => {
  test('are reported with all their mistakes, each by its path, and no value', () => {
    const settings = {
      action: 'cAnArY',
      mask: { keepLast: 'cAnArY', keepfirst: 1 },
      rules: ['a', ''],
      [`x@${'cAnArY'}.example`]: 1,
    };
    let error: unknown;
    try {
      checkSettings(settings, 'options');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UsageError);
    const { message } = error as UsageError;
    expect(message).toMatch(/^options: /);
    expect(message.split('; ')).toHaveLength(5);
    for (const part of ['`action`: ', '`mask.keepLast`: ', '`rules.1`: ', 'unknown field `keepfirst`']) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain('cAnArY');
  });

  test('do not name a setting twice that the source names already', async () => {
    await expect(checkSetting('maxLine', '1 parsec', '--max-line')).rejects.toThrow(
      /^--max-line: expected a size/,
    );
  });
});

describe('settings', () => {
  const settings = (config: Config, env: NodeJS.ProcessEnv = {}): ReturnType<typeof toRedactionSettings> =>
    toRedactionSettings(config, env);

  test('have defaults', () => {
    expect(settings({})).toMatchObject({
      rules: ['default'],
      action: undefined,
      maxLineBytes: 1048576,
      overlapBytes: 65536,
      keepPrivateIps: true,
      keepKeys: true,
      onError: 'withhold',
    });
    expect(settings({ maxLine: 1000 }).overlapBytes).toBe(250);
  });

  test('that do not go together are refused', () => {
    expect(() => settings({ maxLine: 255 })).toThrow(/256/);
    expect(() => settings({ maxLine: 2 ** 40 })).toThrow(UsageError);
    expect(() => settings({ maxLine: 1000, overlap: 251 })).toThrow(/1 to 250/);
    expect(() => settings({ overlap: 0 })).toThrow(UsageError);
    expect(settings({ maxLine: 256, overlap: 64 }).overlapBytes).toBe(64);
  });

  test('take the key from its file, then from LOGVEIL_KEY, else make one for the run', () => {
    const [one, two] = ['0f'.repeat(32), 'F0'.repeat(32)] as const;
    const keyFile = write('key', ` ${one}\n`);
    const fromFile = settings({ keyFile }, { LOGVEIL_KEY: two }).key;
    const fromEnv = settings({}, { LOGVEIL_KEY: two }).key;
    expect([fromFile.source, fromEnv.source, settings({}).key.source]).toEqual([
      'key-file',
      'LOGVEIL_KEY',
      'random',
    ]);
    expect(fromFile.id).not.toBe(fromEnv.id);
    expect(fromFile.id).toBe(settings({}, { LOGVEIL_KEY: one }).key.id);
    expect(settings({}).key.id).not.toBe(settings({}).key.id);
    expect(() => settings({ keyFile: join(folder, 'missing') })).toThrow(IoError);
  });

  test('never tell a key that is not one', () => {
    const secret = 'abc123'.repeat(9);
    for (const run of [
      () => settings({}, { LOGVEIL_KEY: secret }),
      () => settings({ keyFile: write('bad', secret) }),
    ]) {
      expect(run).toThrow(/64 hex digits, got 54/);
      expect(run).not.toThrow(new RegExp(secret.slice(0, 6)));
    }
  });
});

describe('a wrong setting', () => {
  test('is told with who made it', async () => {
    await expect(load({}, undefined, { LOGVEIL_RULES: ',' })).rejects.toThrow(
      /^LOGVEIL_RULES: expected names with a/,
    );
    await expect(load({}, undefined, { LOGVEIL_MAX_LINE: '1' })).rejects.toThrow(
      /^LOGVEIL_MAX_LINE: expected 256 to/,
    );
    await expect(checkSetting('maxLine', '1', '--max-line')).rejects.toThrow(/^--max-line: expected 256 to/);
    const keyFile = write('key', 'no key');
    expect(() => toRedactionSettings({ keyFile }, {})).toThrow(`${keyFile}: the key file: expected a key of`);
  });
});
