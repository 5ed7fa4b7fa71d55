/** 10. Art. 30(1): the rows (a) to (g) of the register. */
import type { Context, Titled } from '../context.ts';
import type { Cell } from '../document.ts';
import { isOutsideEea } from '../eea.ts';

export interface RecordRow {
  /** `a` to `g`. */
  readonly letter: string;
  readonly title: string;
  /** What is known, each a line of its own; `missing` what only the controller can tell. */
  readonly content: readonly Cell[];
}

/** The rows, also for the CSV form. */
export function recordRows(context: Context): RecordRow[] {
  const { audit, controller } = context.facts;
  const contacts = controller?.contacts;
  const purposes = (controller?.purposes ?? []).map(({ name, legalBasis }) =>
    legalBasis === undefined ? name : `${name} (${legalBasis})`,
  );
  const detected = audit.aggregates.byCategory
    .filter(({ findings }) => findings > 0)
    .map(({ name }) => categoryName(context, name));
  const recipients = (controller?.recipients ?? []).map(({ name, role }) =>
    role === undefined ? name : `${name} (${role})`,
  );
  const transfers = (controller?.recipients ?? [])
    .filter(({ country }) => isOutsideEea(country))
    .map(
      ({ name, country = '', safeguard }): Cell =>
        safeguard === undefined
          ? {
              text: `${name}, ${country}: ${context.t('transfers.safeguard')}: ${context.t('missing')}`,
              tone: 'missing',
            }
          : `${name}, ${country}: ${safeguard}`,
    );
  const retention = controller?.retention;
  const limits: readonly Cell[] =
    retention === undefined
      ? [context.missing]
      : [
          context.t('storage.days', { days: retention.days }),
          ...Object.entries(retention.services).map(
            ([service, days]) => `${service}: ${context.t('storage.days', { days })}`,
          ),
        ];
  const named = (
    key: 'label.controller' | 'label.contact' | 'label.joint' | 'label.representative' | 'label.dpo',
    text: string | undefined,
  ): Cell =>
    text === undefined
      ? { text: `${context.t(key)}: ${context.t('missing')}`, tone: 'missing' }
      : `${context.t(key)}: ${text}`;
  const optional = (key: 'label.joint' | 'label.representative', text: string | undefined): Cell[] =>
    text === undefined ? [] : [named(key, text)];
  const orMissing = (cells: readonly Cell[]): readonly Cell[] =>
    cells.length === 0 ? [context.missing] : cells;
  const subjects = controller?.dataSubjects ?? [];
  return [
    {
      letter: 'a',
      title: context.t('records.a'),
      content: [
        named('label.controller', controller?.name),
        named('label.contact', contacts?.controller),
        ...optional('label.joint', contacts?.jointControllers),
        ...optional('label.representative', contacts?.representative),
        named('label.dpo', contacts?.dpo),
      ],
    },
    { letter: 'b', title: context.t('records.b'), content: orMissing(purposes) },
    {
      letter: 'c',
      title: context.t('records.c'),
      content: [
        subjects.length === 0
          ? { text: context.t('records.subjects', { text: context.t('missing') }), tone: 'missing' }
          : context.t('records.subjects', { text: subjects.join(', ') }),
        context.t('records.detected', {
          text: detected.length === 0 ? context.t('none') : detected.join(', '),
        }),
      ],
    },
    { letter: 'd', title: context.t('records.d'), content: orMissing(recipients) },
    {
      letter: 'e',
      title: context.t('records.e'),
      content:
        recipients.length === 0
          ? [context.missing]
          : transfers.length === 0
            ? [context.t('records.noTransfer')]
            : transfers,
    },
    { letter: 'f', title: context.t('records.f'), content: limits },
    { letter: 'g', title: context.t('records.g'), content: orMissing(controller?.measures ?? []) },
  ];
}

export function records(context: Context): Titled {
  return {
    id: 'records',
    blocks: [
      { kind: 'text', text: context.t('records.lead') },
      {
        kind: 'facts',
        rows: recordRows(context).map(
          ({ letter, title, content }) => [`(${letter}) ${title}`, content] as const,
        ),
      },
    ],
  };
}

function categoryName(context: Context, name: string): string {
  const known = ['pii', 'secret', 'special', 'online-id', 'financial', 'national-id', 'health'] as const;
  const category = known.find((one) => one === name);
  return category === undefined ? name : context.category(category);
}
