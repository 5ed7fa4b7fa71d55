/** 11. Art. 33 and 34: the fields of a notification, and the clock. */
import type { Incident } from '../../config/controller.ts';
import type { Context, Titled } from '../context.ts';
import type { Block, Cell } from '../document.ts';

const HOUR_MS = 3_600_000;
/** Art. 33(1). */
const DEFAULT_HOURS = 72;

export function breach(context: Context): Titled {
  const { audit, controller } = context.facts;
  const incidents = controller?.incidents ?? [];
  const blocks: Block[] = [
    { kind: 'text', text: context.t('breach.lead') },
    { kind: 'note', tone: 'limit', text: context.t('breach.hours') },
  ];
  if (incidents.length === 0) {
    blocks.push({ kind: 'text', text: context.t('breach.none') });
    blocks.push({ kind: 'facts', rows: fields(undefined) });
    return { id: 'breach', blocks };
  }
  for (const incident of incidents) {
    blocks.push({ kind: 'heading', text: context.t('breach.incident', { id: incident.id }) });
    blocks.push({ kind: 'facts', rows: [...clockRows(context, incident), ...fields(incident)] });
    if (incident.phases.length > 0) blocks.push(phases(context, incident));
  }
  blocks.push(register(context, incidents));
  return { id: 'breach', blocks };

  function fields(incident: Incident | undefined): [string, Cell][] {
    const say: Context['t'] = (key, values) => context.t(key, values);
    const evidence = say('breach.evidenceText', {
      findings: audit.totals.findings,
      distinct: context.distinct(audit.totals.distinct),
    });
    return [
      [say('breach.a'), context.told(incident?.nature)],
      [say('breach.aSubjects'), context.told(incident?.dataSubjects)],
      [say('breach.aRecords'), context.told(incident?.records)],
      [say('breach.evidence'), evidence],
      [say('breach.b'), context.told(controller?.contacts.dpo ?? controller?.contacts.controller)],
      [say('breach.c'), context.told(incident?.consequences)],
      [say('breach.d'), context.told(incident?.measures)],
      [
        say('breach.communicated'),
        incident?.communicatedAt === undefined
          ? context.t('breach.notYet')
          : context.instant(incident.communicatedAt),
      ],
    ];
  }
}

function clockRows(context: Context, { awareAt, notifiedAt, delayReason }: Incident): [string, Cell][] {
  const hours = context.facts.controller?.deadlineHours ?? DEFAULT_HOURS;
  const clock = context.t('breach.clock');
  if (awareAt === undefined) {
    return [
      [context.t('breach.aware'), context.missing],
      [clock, context.t('breach.notStarted')],
    ];
  }
  const aware = Date.parse(awareAt);
  const deadline = aware + hours * HOUR_MS;
  const until = notifiedAt === undefined ? context.facts.made.getTime() : Date.parse(notifiedAt);
  const late = until > deadline;
  const rows: [string, Cell][] = [
    [context.t('breach.aware'), context.instant(awareAt)],
    [context.t('breach.deadline', { hours }), context.instant(new Date(deadline))],
    [
      context.t('breach.notified'),
      notifiedAt === undefined ? context.t('breach.notYet') : context.instant(notifiedAt),
    ],
    [clock, clockCell(context, { aware, deadline, until, isNotified: notifiedAt !== undefined })],
  ];
  if (late) rows.push([context.t('breach.delay'), context.told(delayReason)]);
  return rows;
}

interface Clock {
  /** All in milliseconds since 1970. */
  readonly aware: number;
  readonly deadline: number;
  readonly until: number;
  readonly isNotified: boolean;
}

function clockCell(context: Context, { aware, deadline, until, isNotified }: Clock): Cell {
  const late = until > deadline;
  if (isNotified) {
    const text = context.t(late ? 'breach.clockLate' : 'breach.clockDone', {
      hours: Math.round((until - aware) / HOUR_MS),
    });
    return { text, tone: late ? 'warning' : 'good' };
  }
  // Never more than there is: an hour that has begun is gone.
  const left = Math.floor(Math.abs(deadline - until) / HOUR_MS);
  return {
    text: context.t(late ? 'breach.clockOver' : 'breach.clockOpen', { hours: left }),
    tone: 'warning',
  };
}

function phases(context: Context, { phases: told }: Incident): Block {
  return {
    kind: 'table',
    caption: context.t('breach.phases'),
    columns: [{ title: context.t('breach.when') }, { title: context.t('breach.what') }],
    rows: told.map(({ at, what }): Cell[] => [context.instant(at), what]),
  };
}

function register(context: Context, incidents: readonly Incident[]): Block {
  return {
    kind: 'table',
    caption: context.t('breach.register'),
    columns: [
      { title: context.t('breach.incident', { id: '' }).trim() },
      { title: context.t('breach.facts') },
      { title: context.t('breach.effects') },
      { title: context.t('breach.remedy') },
    ],
    rows: incidents.map(({ id, nature, consequences, measures }): Cell[] => [
      id,
      context.told(nature),
      context.told(consequences),
      context.told(measures),
    ]),
  };
}
