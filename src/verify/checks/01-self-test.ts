/** 1: the sanitizer works, with the rules and settings of this deployment. */
import type { Redaction } from '../../app/redaction.ts';
import { LogveilError } from '../../errors.ts';
import { type Check, type Outcome, plural } from '../check.ts';
import type { Context } from '../context.ts';

/** Made up, and in pieces: as they stand, they would be found in our own sources. */
interface Specimen {
  readonly name: string;
  readonly value: string;
  readonly line: (value: string) => string;
  /** Without it no claim about logs could be made. */
  readonly isCore: boolean;
}

const SPECIMENS: readonly Specimen[] = [
  {
    name: 'an email address',
    value: ['jane.doe', 'example.com'].join('@'),
    line: (value) => `user ${value} signed in`,
    isCore: true,
  },
  {
    name: 'an email address in JSON',
    value: ['john.roe', 'example.org'].join('@'),
    line: (value) => JSON.stringify({ level: 'info', context: { user: { mail: value } } }),
    isCore: true,
  },
  {
    name: 'an access key',
    value: ['AKIA', 'Z7QX4M2LD6TBVK3N'].join(''),
    line: (value) => `aws_access_key_id=${value}`,
    isCore: true,
  },
  {
    name: 'a password in an address',
    value: ['s3cr3t', 'Tr0mbone'].join('-'),
    line: (value) => `connecting to postgres://app:${value}@db.example.com/shop`,
    isCore: true,
  },
  {
    name: 'a payment card',
    value: ['4111', '1111', '1111', '1111'].join(' '),
    line: (value) => `card=${value}`,
    isCore: false,
  },
  {
    name: 'an IBAN',
    value: ['DE89', '3704', '0044', '0532', '0130', '00'].join(''),
    line: (value) => `iban ${value} accepted`,
    isCore: false,
  },
  {
    name: 'a public IP address',
    value: ['203', '0', '113', '9'].join('.'),
    line: (value) => `login from ${value}`,
    isCore: false,
  },
];

const CLEAN = 'GET /api/health 200 in 12 ms, 3 jobs waiting, cache warm\n';

export const selfTest: Check = {
  number: 1,
  id: 'self-test',
  title: 'Sanitizer and rules',
  level: 'must',
  group: 'errors',
  triggers: [],
  isHeavy: true,
  threshold: () => `${plural(SPECIMENS.length, 'specimen')} redacted, other text untouched`,
  touches: ({ settings }) => [`reads the rules: ${settings.rules.join(', ')}`],
  async run(context) {
    let redaction: Redaction;
    try {
      redaction = await context.redaction();
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      return {
        status: 'fail',
        observed: "the rules can't be loaded",
        recommendation: 'Mend the rules: `logveil rules check` names each mistake.',
        details: error.message.split('\n'),
      };
    }
    return judge(context, redaction);
  },
};

function judge(context: Context, redaction: Redaction): Outcome {
  const missed = SPECIMENS.filter(({ value, line }) => redact(redaction, `${line(value)}\n`).includes(value));
  const isUnstable = SPECIMENS.some(({ value, line }) => {
    const once = redact(redaction, `${line(value)}\n`);
    return redact(redaction, once) !== once;
  });
  const isOverdone = redact(redaction, CLEAN) !== CLEAN;
  const isCoreMissed = missed.some(({ isCore }) => isCore);
  const details = [
    ...missed.map(({ name }) => `stays as it is: ${name}`),
    ...(isUnstable ? ['redacting twice is not the same as once (the action `remove` does that)'] : []),
    ...(isOverdone ? ['text without personal data or secrets is changed'] : []),
    ...redaction.warnings,
  ];
  const found = SPECIMENS.length - missed.length;
  const hasDoubts = details.length > 0;
  return {
    status: isCoreMissed ? 'fail' : hasDoubts ? 'warn' : 'pass',
    observed: `${found} of ${plural(SPECIMENS.length, 'specimen')} redacted by ${plural(redaction.ruleCount, 'rule')}`,
    ...(hasDoubts && {
      recommendation: `Look at \`rules\`, \`actions\`, \`allow\` and \`minConfidence\` in ${context.deployment.configPath ?? 'the configuration'}; \`logveil rules explain\` says why a rule does not fire.`,
    }),
    details,
    metrics: [
      { name: 'rules', value: redaction.ruleCount, unit: '' },
      { name: 'specimens_missed', value: missed.length, unit: '', warn: '0', fail: '0', min: 0 },
    ],
  };
}

function redact(redaction: Redaction, text: string): string {
  const stream = redaction.openStream(() => 'self-test');
  // What the stream returns is valid until its next call only.
  const head = Buffer.from(stream.push(Buffer.from(text)));
  return Buffer.concat([head, stream.end()]).toString();
}
