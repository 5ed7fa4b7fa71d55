/** Multi-line values that are values only if certain lines are among theirs: Kubernetes Secrets. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, packs, runner, runs } from './support.ts';

/** What the texts below can hold: all rules would take their time. */
const IDS = ['kubernetes-secret', 'private-key', 'url-credentials'];
const secrets = packs('secrets');
const rules = { ...secrets, rules: secrets.rules.filter(({ rule }) => IDS.includes(rule.id)) };
const redact = (text: string, engine: 'kernel' | 're2' = 're2'): string =>
  runner({ engine }, rules).run(text).output.toString();

const SECRET_BY_KUBECTL =
  'apiVersion: v1\ndata:\n  extra: c29tbWVyMjAyNg==\nkind: Secret\nmetadata:\n  name: shop\n';
const SECRET_BY_HAND = 'kind: Secret\nmetadata:\n  name: shop\nstringData:\n  login: sommer2026\n';
const CONFIG_MAP =
  'apiVersion: v1\ndata:\n  extra: c29tbWVyMjAyNg==\nkind: ConfigMap\nmetadata:\n  name: shop\n';
const KEY =
  '    -----BEGIN EC PRIVATE KEY-----\n    MHcCAQEEIBkg4LVWM9nuwNKXPb4mPZaRqPz2nJ0fG3nC5rjQvQy1oAoGCCqGSM49\n    -----END EC PRIVATE KEY-----\n';

describe.each(['kernel', 're2'] as const)('Kubernetes Secrets, with %s', (engine) => {
  it('are covered whichever field comes first', () => {
    expect(redact(`${SECRET_BY_KUBECTL}---\nrest\n`, engine)).toBe(
      'apiVersion: v1\n[REDACTED:kubernetes-secret]\n---\nrest\n',
    );
    expect(redact(`${SECRET_BY_HAND}2026-03-14 INFO next\n`, engine)).toBe(
      '[REDACTED:kubernetes-secret]\n2026-03-14 INFO next\n',
    );
  });

  it('are covered at the end of a source without a last line end', () => {
    expect(redact(SECRET_BY_HAND.trimEnd(), engine)).toBe('[REDACTED:kubernetes-secret]');
  });

  it('leave alone what is none, byte for byte', () => {
    const texts = [
      CONFIG_MAP,
      'data:\nplain line\n',
      'data:\n\n\n',
      'kind: Secret\nname: x\r\nend\n',
      'data:',
    ];
    for (const text of texts) expect(redact(text, engine)).toBe(text);
  });

  it('do not hide another multi-line value', () => {
    expect(redact(`kind: ConfigMap\ndata:\n  tls.key: |\n${KEY}  size: 4\n`, engine)).toBe(
      'kind: ConfigMap\ndata:\n  tls.key: |\n    [REDACTED:private-key]\n  size: 4\n',
    );
  });

  it('do not hide a value of one line', () => {
    expect(redact('data:\n  url: postgres://app:s3cr3t@db/x\nend\n', engine)).toBe(
      'data:\n  url: postgres://app:[REDACTED:url-credentials]@db/x\nend\n',
    );
  });
});

it('looks at a long list of openings once', () => {
  const text = 'data:\n'.repeat(20_000);
  expect(redact(text)).toBe(text);
});

it('gives the same however the bytes are cut, and nothing new when run again', () => {
  const lines = [
    ...SECRET_BY_KUBECTL.split('\n'),
    ...SECRET_BY_HAND.split('\n'),
    ...CONFIG_MAP.split('\n'),
    ...KEY.split('\n'),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...lines, '---', '...', 'a log line'), { maxLength: 24 }),
      fc.array(fc.nat(), { maxLength: 4 }),
      (chosen, places) => {
        const bytes = Buffer.from(chosen.join('\n'));
        const redaction = runner({}, rules);
        const whole = redaction.run(bytes).output.toString();
        expect(redaction.run(...cut(bytes, places)).output.toString()).toBe(whole);
        expect(redaction.run(whole).output.toString()).toBe(whole);
      },
    ),
    runs(60),
  );
});
