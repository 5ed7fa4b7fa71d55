/** 9: business hours are set, are what they are meant to be, and are kept where logs can tell. */
import type { OpenHours } from '../../config/businessHours.ts';
import { type Check, type Outcome, plural } from '../check.ts';
import type { Context } from '../context.ts';
import { logsOf, shownGaps, shownPlace } from './support.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const businessHours: Check = {
  number: 9,
  id: 'business-hours',
  title: 'Business hours',
  level: 'should',
  group: 'errors',
  triggers: [],
  isHeavy: true,
  threshold: ({ businessHours: hours }) => `only ${shownHours(hours.hours)} ${hours.zone}`,
  touches: (deployment) => (deployment.insideHours.length === 0 ? [] : logsOf(deployment)),
  async run(context) {
    const { deployment } = context;
    const hours = await context.hours();
    const now = Date.now();
    const next = hours.isOpen(now) ? now : hours.nextOpening(now);
    const observed =
      next === now ? 'open now' : next === undefined ? 'never open' : `closed, opens ${shown(next)}`;
    if (next === undefined || !keepsItsEdges(context, hours, next)) {
      return {
        status: 'fail',
        observed: next === undefined ? observed : 'the calculation is wrong at the edges of the hours',
        recommendation: 'Look at `businessHours`: days, holidays and exceptions leave no time at all.',
      };
    }
    if (deployment.insideHours.length === 0) return untold(deployment.hasHours, observed);
    return kept(context, observed);
  },
};

/** Open from the first minute on, and in the end closed again. */
function keepsItsEdges(
  { deployment }: Context,
  hours: { isOpen(instantMs: number): boolean; nextOpening(instantMs: number): number | undefined },
  from: number,
): boolean {
  if (!hours.isOpen(from)) return false;
  const opening = firstClosed(hours, from);
  // Round the clock on all days there is no edge.
  if (opening === undefined) return deployment.businessHours.days.length === 7;
  const next = hours.nextOpening(opening);
  return next !== undefined && hours.isOpen(next) && !hours.isOpen(next - MINUTE_MS);
}

function firstClosed(hours: { isOpen(instantMs: number): boolean }, from: number): number | undefined {
  for (let at = from; at < from + 8 * DAY_MS; at += MINUTE_MS) if (!hours.isOpen(at)) return at;
  return undefined;
}

function untold(hasHours: boolean, observed: string): Outcome {
  return {
    status: hasHours ? 'pass' : 'warn',
    observed: hasHours ? observed : `${observed}; the hours are those of logveil, none are configured`,
    details: [
      'no line is bound to the hours (`deployment.insideHours`): whether they are kept was not looked at',
    ],
    ...(!hasHours && { recommendation: 'Set `businessHours`: zone, hours, days, holidays.' }),
  };
}

async function kept(context: Context, observed: string): Promise<Outcome> {
  const { bound, outside, outsidePlaces, gaps, isCut } = await context.activity();
  const metrics: Outcome['metrics'] = [
    { name: 'outside_hours', value: outside, unit: '', warn: '0', fail: '0', min: 0 },
  ];
  if (outside > 0) {
    return {
      status: 'fail',
      observed: `${plural(outside, 'line')} of ${bound} outside of the hours, in the last day`,
      recommendation: 'Look at the places below: the validator is passed by, or has another zone.',
      details: outsidePlaces.map(shownPlace),
      metrics,
    };
  }
  if (gaps.length > 0 || isCut) {
    return {
      status: 'unknown',
      observed: 'not all logs could be looked at',
      recommendation: 'See to it that every log can be read.',
      details: shownGaps(gaps),
      metrics,
    };
  }
  return {
    status: 'pass',
    observed: `${observed}; ${plural(bound, 'line')} of the last day inside of the hours`,
    metrics,
  };
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function shownHours(hours: readonly OpenHours[]): string {
  return hours.map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(', ');
}

const shown = (instantMs: number): string =>
  new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ').concat(' UTC');
