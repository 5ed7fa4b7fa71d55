/** A made-up audit of a made-up company: for tests, and for the sample report in docs/. No value, name or place is real. */
import { createHash } from 'node:crypto';
import {
  type AuditResult,
  type AuditValue,
  auditResultSchema,
  type DayGroup,
  type Group,
  type InventoryRow,
} from '../../src/audit/result.ts';
import type { Category, Severity } from '../../src/findings/finding.ts';
import { randomNumbers } from '../support/generators.ts';

type RuleRow = readonly [
  id: string,
  entity: string,
  category: Category,
  severity: Severity,
  gdpr: string[],
  checks: string[],
];

const RULES: readonly RuleRow[] = [
  ['email', 'EMAIL_ADDRESS', 'pii', 'medium', ['art4(1)'], ['email']],
  ['ipv4', 'IP_ADDRESS', 'online-id', 'low', ['art4(1)', 'rec30'], ['ipv4']],
  ['phone-e164', 'PHONE_NUMBER', 'pii', 'medium', ['art4(1)'], ['phone-e164']],
  ['person-name-field', 'PERSON', 'pii', 'medium', ['art4(1)'], []],
  ['payment-card', 'CREDIT_CARD', 'financial', 'critical', ['art4(1)', 'art32'], ['luhn', 'card']],
  ['iban', 'IBAN_CODE', 'financial', 'high', ['art4(1)'], ['iban']],
  ['de-tax-id', 'DE_TAX_ID', 'national-id', 'high', ['art87'], ['de-tax-id']],
  ['health-field', 'HEALTH_DATA', 'special', 'critical', ['art9(1)'], []],
  ['criminal-record-field', 'CRIMINAL_RECORD', 'special', 'critical', ['art10'], []],
  ['geo-position', 'LOCATION_COORDINATES', 'pii', 'medium', ['art4(1)'], []],
  ['jwt', 'JWT', 'secret', 'high', ['art32'], ['jwt']],
  ['aws-access-key-id', 'AWS_ACCESS_KEY', 'secret', 'critical', ['art32'], []],
  ['url-credentials', 'URL_CREDENTIALS', 'secret', 'high', ['art32'], []],
  ['github-token', 'GITHUB_TOKEN', 'secret', 'critical', ['art32'], ['github-token']],
  ['private-key', 'PRIVATE_KEY', 'secret', 'critical', ['art32'], []],
];
const SERVICES = [
  'web-shop',
  'checkout',
  'auth',
  'payments',
  'support-mail',
  'crm-sync',
  'search',
  'batch-import',
];
const HOSTS = ['fra-web-01', 'fra-web-02', 'fra-pay-01', 'dub-batch-01'];

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const fingerprintOf = (text: string): string => digestOf(text).slice(0, 32);

type Severities = Record<Severity, number>;
const none = (): Severities => ({ low: 0, medium: 0, high: 0, critical: 0 });

export interface SampleOptions {
  readonly seed: number;
  /** `2026-09-30`. */
  readonly ended: string;
  /** How much was found, against the usual. */
  readonly amount: number;
}

/** The same for the same options, and held to the schema. */
export function sampleAudit({ seed, ended, amount }: SampleOptions): AuditResult {
  const random = randomNumbers(seed);
  const inventory = RULES.flatMap((rule, index) =>
    SERVICES.flatMap((service, place): InventoryRow[] => {
      const isThere =
        (index * 7 + place * 5 + 3) % 11 < (rule[2] === 'secret' ? 2 : rule[2] === 'special' ? 1 : 5);
      return isThere
        ? [
            rowOf(
              rule,
              service,
              Math.ceil(amount * 10 ** (1 + 3 * random()) * (rule[3] === 'critical' ? 0.05 : 1)),
              ended,
            ),
          ]
        : [];
    }),
  );
  const findings = total(inventory);
  const byDay = days(random, ended, inventory);
  const values = inventory.slice(0, 40).map((row, index) => auditValue(row, index));
  const entries = entriesOf(ended);
  const validated = inventory.reduce((sum, row) => sum + row.validated, 0);
  const confidence = Array.from({ length: 10 }, (_, bin) => ({
    from: bin / 10,
    to: (bin + 1) / 10,
    findings:
      bin < 5
        ? 0
        : inventory
            .filter((row) => Math.floor(row.confidence.mean * 10) === bin)
            .reduce((sum, row) => sum + row.findings, 0),
  }));
  const bySeverity = severitiesOf(inventory);
  return auditResultSchema.parse({
    schema: 'logveil.audit/1',
    id: fingerprintOf(`audit ${seed}`),
    tool: { name: 'logveil', version: '0.1.0', node: 'v20.20.2', platform: 'linux-x64' },
    rules: {
      names: ['all'],
      digest: digestOf('rules'),
      packs: [
        { name: 'pii', rules: 121, digest: digestOf('pii') },
        { name: 'pii/de', rules: 9, digest: digestOf('de') },
        { name: 'secrets', rules: 393, digest: digestOf('secrets') },
      ],
      catalogue: RULES.map(([id, entity, category, severity, gdpr, validators]) => ({
        ...{ id, entity, category, severity, gdpr, validators, confidence: 0.9 },
        pack: category === 'secret' ? 'secrets' : 'pii',
      })),
    },
    config: { digest: digestOf('settings') },
    key: { id: 'k75b2c840', source: 'key-file' },
    run: {
      started: `${ended}T04:00:00.000Z`,
      ended: `${ended}T04:41:07.000Z`,
      seconds: 2467,
      workers: 4,
      distributed: false,
      resumed: 0,
      complete: false,
    },
    scope: {
      paths: ['/srv/logs', '/var/log/nginx'],
      include: ['**/*.log*'],
      exclude: ['**/tmp/**'],
      timeBy: 'file',
      sample: 1,
      binary: 'report',
      maxExpansion: 200,
      maxLocations: 10,
      maxValues: 100_000,
    },
    coverage: {
      files: {
        found: 1284,
        examined: 1203,
        partly: 1,
        unreadable: 4,
        binary: 7,
        encoding: 2,
        filtered: 61,
        'passed-over': 6,
      },
      members: {
        found: 48,
        examined: 48,
        partly: 0,
        unreadable: 0,
        binary: 0,
        encoding: 0,
        filtered: 0,
        'passed-over': 0,
      },
      bytes: {
        found: 68_400_000_000,
        read: 66_900_000_000,
        searched: 412_000_000_000,
        gap: 310_000_000,
        filtered: 1_190_000_000,
      },
      lines: 2_904_117_300,
      sampledShare: 1,
      complete: false,
      reasons: [
        { state: 'filtered', reason: 'excluded by **/tmp/**', files: 61, bytes: 1_190_000_000 },
        { state: 'binary', reason: 'it is no text', files: 7, bytes: 122_000_000 },
        { state: 'passed-over', reason: 'it is a symbolic link', files: 6, bytes: 0 },
        { state: 'unreadable', reason: 'permission denied', files: 4, bytes: 96_000_000 },
        { state: 'encoding', reason: 'UTF-16 without a byte order mark', files: 2, bytes: 18_000_000 },
        { state: 'partly', reason: 'the gzip data is cut off', files: 1, bytes: 74_000_000 },
      ],
      entries,
      entriesNotListed: 1255,
    },
    totals: {
      findings,
      distinct: { count: Math.round(findings / 6.4), exact: false, error: 0.0081 },
      bySeverity,
      suppressed: 3,
      baseline: 0,
      outsideTime: 0,
    },
    aggregates: {
      byRule: groups(inventory, (row) => row.rule),
      byEntity: groups(inventory, (row) => row.entity),
      byCategory: groups(inventory, (row) => row.category),
      byGdpr: groups(inventory, (row) => row.gdpr[0] ?? ''),
      bySeverity: groups(inventory, (row) => row.severity),
      byService: groups(inventory, (row) => row.service),
      byHost: groups(inventory, (row) => HOSTS[SERVICES.indexOf(row.service) % HOSTS.length] ?? ''),
      byDay,
      dated: {
        line: Math.round(findings * 0.93),
        file: Math.round(findings * 0.06),
        none: Math.round(findings * 0.01),
      },
    },
    inventory,
    inventoryNotListed: 0,
    accuracy: {
      confidence,
      mean: inventory.reduce((sum, row) => sum + row.confidence.mean * row.findings, 0) / findings,
      validated,
      validatedShare: validated / findings,
      byEntity: groups(inventory, (row) => row.entity).map(({ name, findings: count }) => ({
        entity: name,
        findings: count,
        mean: inventory.find((row) => row.entity === name)?.confidence.mean ?? 0,
        validated: inventory
          .filter((row) => row.entity === name)
          .reduce((sum, row) => sum + row.validated, 0),
        bins: [0, 0, 0, 0, 0, 0, 0, 0, 0, count],
      })),
    },
    values,
    findingsOfValuesNotListed: findings - values.reduce((sum, value) => sum + value.findings, 0),
    anomalies: {
      linesWithheld: 0,
      longLines: 12,
      blocksWithoutEnd: 1,
      matchesInKeys: 27,
      findingsNotWritten: 0,
    },
    failures: [
      '/srv/logs/payments/2024-11.log.gz: the gzip data is cut off',
      '/srv/logs/auth/secure.log: permission denied',
    ],
    failuresNotListed: 5,
  });
}

function rowOf(rule: RuleRow, service: string, findings: number, ended: string): InventoryRow {
  const [id, entity, category, severity, gdpr, checks] = rule;
  const mean = checks.length > 0 ? 0.97 : 0.72 + (id.length % 3) * 0.06;
  const year = Number(ended.slice(0, 4)) - (service.length % 2 === 0 ? 2 : 0);
  return {
    ...{ rule: id, entity, category, severity, gdpr, service, findings },
    distinct: { count: Math.ceil(findings / 7), exact: true, error: 0 },
    files: Math.min(findings, 3 + (findings % 90)),
    confidence: { min: mean - 0.1, mean, max: Math.min(1, mean + 0.02) },
    validated: checks.length > 0 ? findings : 0,
    firstDay: `${year}-01-14`,
    lastDay: ended,
  };
}

function days(random: () => number, ended: string, inventory: readonly InventoryRow[]): DayGroup[] {
  const all = severitiesOf(inventory);
  const shares = Array.from({ length: 33 }, (_, month) => (0.2 + random()) * 1.07 ** month);
  const sum = shares.reduce((a, b) => a + b, 0);
  const end = new Date(`${ended}T00:00:00Z`);
  return shares.map((share, month): DayGroup => {
    const day = new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - 32 + month, 12));
    const part = (count: number): number => Math.round((count * share) / sum);
    const bySeverity = {
      low: part(all.low),
      medium: part(all.medium),
      high: part(all.high),
      critical: part(all.critical),
    };
    const findings = bySeverity.low + bySeverity.medium + bySeverity.high + bySeverity.critical;
    return { day: day.toISOString().slice(0, 10), findings, bySeverity, byCategory: { pii: findings } };
  });
}

function entriesOf(ended: string): AuditResult['coverage']['entries'] {
  const gap = (
    path: string,
    state: 'partly' | 'unreadable' | 'binary' | 'encoding',
    reason: string,
    size: number,
  ) => ({
    ...{
      path,
      state,
      reason,
      size,
      modified: `${ended}T00:00:00.000Z`,
      ageDays: 1,
      bytes: 0,
      lines: 0,
      findings: 0,
    },
    service: path.split('/')[3] ?? '',
  });
  const old = SERVICES.slice(0, 6).map((service, index) => ({
    path: `/srv/logs/${service}/${2023 + (index % 2)}-0${index + 1}.log.gz`,
    ...{
      state: 'examined' as const,
      size: 41_000_000 * (index + 1),
      ageDays: 980 - index * 71,
      format: 'gzip',
      service,
    },
    ...{ bytes: 300_000_000 * (index + 1), lines: 2_100_000 * (index + 1), findings: 1400 * (6 - index) },
  }));
  return [
    gap('/srv/logs/payments/2024-11.log.gz', 'partly', 'the gzip data is cut off', 74_000_000),
    gap('/srv/logs/auth/secure.log', 'unreadable', 'permission denied', 51_000_000),
    gap('/srv/logs/batch-import/export.bin', 'binary', 'it is no text', 20_000_000),
    gap('/srv/logs/crm-sync/windows.log', 'encoding', 'UTF-16 without a byte order mark', 9_000_000),
    ...old,
  ];
}

function auditValue(row: InventoryRow, index: number): AuditValue {
  return {
    fingerprint: fingerprintOf(`value ${index}`),
    ...{ rule: row.rule, entity: row.entity, category: row.category, severity: row.severity },
    findings: Math.max(1, Math.floor(row.findings / 12)),
    firstDay: row.firstDay,
    lastDay: row.lastDay,
    locations: [
      {
        path: `/srv/logs/${row.service}/2026-0${(index % 9) + 1}.log.gz`,
        line: 1 + index * 7919,
        column: 34,
        offset: index * 104_729,
        length: 17,
        day: row.lastDay,
      },
    ],
    locationsNotListed: 0,
  };
}

function severitiesOf(rows: readonly InventoryRow[]): Severities {
  const counts = none();
  for (const { severity, findings } of rows) counts[severity] += findings;
  return counts;
}

function total(rows: readonly InventoryRow[]): number {
  return rows.reduce((sum, { findings }) => sum + findings, 0);
}

function groups(rows: readonly InventoryRow[], nameOf: (row: InventoryRow) => string): Group[] {
  const names = [...new Set(rows.map(nameOf))];
  return names
    .map((name): Group => {
      const own = rows.filter((row) => nameOf(row) === name);
      return {
        name,
        findings: total(own),
        distinct: { count: own.reduce((sum, row) => sum + row.distinct.count, 0), exact: true, error: 0 },
        files: own.reduce((sum, row) => sum + row.files, 0),
        bySeverity: severitiesOf(own),
      };
    })
    .sort((a, b) => b.findings - a.findings);
}

/** The `logveil.yaml` of the made-up company; it leaves some things out, as companies do. */
export const SAMPLE_CONFIG = `controller:
  name: Nordlicht Versand GmbH
  address: Hafenstrasse 1, 20095 Hamburg
  system: Logs of the web shop and its services
  contacts:
    controller: privacy@nordlicht.example
    dpo: Dr. M. Beispiel, dpo@nordlicht.example
  purposes:
    - name: Operation and fault analysis
      legalBasis: Art. 6(1)(f)
      note: secure and stable operation of the shop
      entities: [IP_ADDRESS]
    - name: Fraud prevention
      legalBasis: Art. 6(1)(f)
      entities: [IP_ADDRESS, EMAIL_ADDRESS]
      services: [checkout, payments]
    - name: Customer support
      entities: [EMAIL_ADDRESS, PERSON, PHONE_NUMBER]
      services: [support-mail]
  dataSubjects: [customers, visitors of the web shop, employees]
  retention:
    days: 180
    justification: Fraud cases are closed within six months
    services: { payments: 365 }
  measures:
    - Access to logs by role, reviewed every quarter
    - Encrypted storage and transport
    - Redaction by logveil in front of the log shipper since August 2026
  recipients:
    - { name: Wolkenspeicher AG, role: Processor, purpose: Storage of logs, country: DE }
    - { name: Fault Tracking Inc., role: Processor, purpose: Analysis of faults, country: US }
  regions: [DE, IE]
  services:
    web-shop: { owner: Team Storefront, due: 2026-10-31 }
    payments: { owner: Team Payments, due: 2026-10-15 }
    auth: { owner: Team Identity }
  keyRotated: 2026-07-01
  review: { sampled: 400, confirmed: 391, date: 2026-10-01, by: Internal audit }
  incidents:
    - id: "2026-07"
      awareAt: 2026-10-01T09:30:00+02:00
      nature: Access keys of a storage service stood in logs that a supplier can read
      dataSubjects: Customers; about 1,200
      records: Order confirmations; about 1,900
      measures: Keys changed on the same day, logs scrubbed
      phases:
        - { at: 2026-10-01T15:00:00+02:00, what: First report to the data protection officer }
`;
