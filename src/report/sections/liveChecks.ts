/** Whether credentials that were found still work, as the service itself said. */
import type { Context } from '../context.ts';
import type { Block } from '../document.ts';

/** Keys named by their token; the rest is counted. */
const MOST_NAMED = 20;

/** @returns nothing where nobody was asked */
export function liveChecks(context: Context): Block[] {
  const checks = context.facts.audit.liveChecks;
  if (checks === undefined) return [];
  const { url, counts, keys } = checks;
  const live = keys.filter(({ state }) => state === 'live');
  const named = live.slice(0, MOST_NAMED).map(({ fingerprint }) => context.code(fingerprint));
  const more = live.length > MOST_NAMED ? [context.number(live.length)] : [];
  return [
    { kind: 'heading', text: context.t('live.title') },
    { kind: 'text', text: context.t('live.lead', { url }) },
    {
      kind: 'facts',
      rows: [
        [
          context.t('live.live'),
          counts.live > 0
            ? { text: context.number(counts.live), tone: 'critical' }
            : { text: context.number(counts.live), tone: 'good' },
        ],
        [context.t('live.revoked'), context.number(counts.revoked)],
        [
          context.t('live.unknown'),
          counts.unknown > 0
            ? { text: context.number(counts.unknown), tone: 'warning' }
            : context.number(counts.unknown),
        ],
        ...(named.length > 0 ? [[context.t('live.tokens'), [...named, ...more]] as const] : []),
      ],
    },
  ];
}
