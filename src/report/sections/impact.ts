/** 12. Art. 35: facts for whoever decides on an impact assessment. */
import { type Context, sumOf, type Titled } from '../context.ts';
import type { Cell } from '../document.ts';
import { isUnder, period, servicesWithDetections } from '../measures.ts';

/** Entities that tell where somebody is or follow a device. */
const PLACES = /LOCATION|POSITION|COORDINATE|GEO|LATITUDE/;

export function impact(context: Context): Titled {
  const { audit } = context.facts;
  const count = (holds: (row: (typeof audit.inventory)[number]) => boolean): number =>
    sumOf(audit.inventory.filter(holds).map(({ findings }) => findings));
  const told = (number: number): Cell =>
    number === 0
      ? { text: context.t('impact.notDetected'), tone: 'muted' }
      : { text: context.t('impact.detected', { count: number }), tone: 'warning' };
  return {
    id: 'impact',
    blocks: [
      { kind: 'text', text: context.t('impact.lead') },
      {
        kind: 'facts',
        rows: [
          [context.t('impact.special'), told(count((row) => isUnder(row, 'art9') || isUnder(row, 'art10')))],
          [context.t('impact.nationalIds'), told(count((row) => isUnder(row, 'art87')))],
          [
            context.t('impact.scale'),
            context.t('impact.scaleText', {
              findings: audit.totals.findings,
              distinct: context.distinct(audit.totals.distinct),
              lines: audit.coverage.lines,
              services: servicesWithDetections(audit),
            }),
          ],
          [context.t('impact.period'), period(context)],
          [
            context.t('impact.monitoring'),
            context.t('impact.monitoringText', {
              online: count(({ category }) => category === 'online-id'),
              places: count(({ entity }) => PLACES.test(entity)),
            }),
          ],
          [context.t('impact.secrets'), told(count(({ category }) => category === 'secret'))],
        ],
      },
    ],
  };
}
