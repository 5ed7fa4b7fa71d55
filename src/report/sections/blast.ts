/** 15. Where most is, who mends it, and what has changed. */
import type { Group } from '../../audit/result.ts';
import type { Context, Titled } from '../context.ts';
import type { Block, Cell, ToneText } from '../document.ts';
import { largest } from '../measures.ts';

const MOST_ROWS = 15;

export function blast(context: Context): Titled {
  const { audit, earlier } = context.facts;
  const previous = earlier.at(-1);
  const blocks: Block[] = [{ kind: 'text', text: context.t('blast.lead') }];
  if (audit.diff !== undefined) {
    const { values, old } = audit.diff;
    const text = context.t('blast.diff', { date: context.instant(old.ended), ...values });
    blocks.push({ kind: 'note', tone: 'limit', text });
  } else if (previous === undefined) {
    blocks.push({ kind: 'text', text: context.t('blast.noPrevious') });
  }
  const { byService, byHost } = audit.aggregates;
  blocks.push(
    groupsTable(
      context,
      context.t('blast.services'),
      context.t('label.service'),
      byService,
      previous?.aggregates.byService,
    ),
  );
  const hosts = byHost.filter(({ findings }) => findings > 0);
  if (hosts.length > 0) {
    blocks.push(
      groupsTable(
        context,
        context.t('blast.hosts'),
        context.t('label.host'),
        hosts,
        previous?.aggregates.byHost,
      ),
    );
  }
  return { id: 'blast', blocks };
}

function groupsTable(
  context: Context,
  caption: string,
  title: string,
  groups: readonly Group[],
  before: readonly Group[] | undefined,
): Block {
  const shown = largest(groups, MOST_ROWS);
  const known = new Map(before?.map(({ name, findings }) => [name, findings]));
  return {
    kind: 'table',
    caption,
    columns: [
      { title },
      { title: context.t('label.detections'), isNumber: true },
      { title: context.t('severity.critical'), isNumber: true },
      { title: context.t('label.distinct'), isNumber: true },
      { title: context.t('label.change'), isNumber: true },
      { title: context.t('label.owner') },
      { title: context.t('label.due') },
    ],
    rows: shown.map(({ name, findings, distinct, bySeverity }): Cell[] => {
      const { owner, due } = context.facts.controller?.services[name] ?? {};
      return [
        name,
        context.number(findings),
        context.number(bySeverity.critical),
        context.distinct(distinct),
        before === undefined ? context.unknown : change(context, findings, known.get(name)),
        context.told(owner),
        due === undefined ? context.missing : context.day(due),
      ];
    }),
    more: context.more(groups.filter(({ findings }) => findings > 0).length - shown.length),
  };
}

function change(context: Context, now: number, before: number | undefined): ToneText {
  if (before === undefined) return { text: context.t('blast.new'), tone: 'warning' };
  const more = now - before;
  if (more === 0) return { text: '± 0', tone: 'muted' };
  return {
    text: `${more > 0 ? '+' : '−'}${context.number(Math.abs(more))}`,
    tone: more > 0 ? 'warning' : 'good',
  };
}
