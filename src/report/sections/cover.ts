/** 1. Who, what and when, and what the report does not say. */
import type { Context, Titled } from '../context.ts';

export function cover(context: Context): Titled {
  const { audit, controller, isSigned, version } = context.facts;
  const { key, rules, run } = audit;
  return {
    id: 'cover',
    blocks: [
      { kind: 'note', tone: 'limit', text: context.t('cover.legal') },
      {
        kind: 'list',
        items: [
          context.t('cover.absence'),
          context.t('cover.subjects'),
          context.t('cover.decides'),
          context.t('cover.pseudonymised'),
        ],
      },
      {
        kind: 'facts',
        rows: [
          [context.t('label.controller'), context.told(controller?.name)],
          [context.t('label.address'), context.told(controller?.address)],
          [context.t('label.contact'), context.told(controller?.contacts.controller)],
          [context.t('label.dpo'), context.told(controller?.contacts.dpo)],
          [context.t('label.processing'), context.told(controller?.system)],
          [context.t('cover.audit'), context.code(audit.id)],
          [context.t('cover.auditRun'), `${context.instant(run.started)} – ${context.instant(run.ended)}`],
          [
            context.t('cover.complete'),
            run.complete ? context.t('yes') : { text: context.t('cover.incomplete'), tone: 'warning' },
          ],
          [
            context.t('label.tool'),
            context.t('cover.toolValue', {
              audit: audit.tool.version,
              report: version,
              node: audit.tool.node,
              platform: audit.tool.platform,
            }),
          ],
          [
            context.t('cover.rules'),
            context.code(
              context.t('cover.rulesValue', { count: rules.catalogue.length, digest: rules.digest }),
            ),
          ],
          [context.t('cover.config'), context.code(audit.config.digest)],
          [
            context.t('cover.key'),
            key.source === 'random'
              ? { text: context.t('cover.keyRandom', { id: key.id }), tone: 'warning' }
              : context.code(`${key.id} (${key.source})`),
          ],
          [
            context.t('cover.signature'),
            isSigned ? context.t('cover.signed') : { text: context.t('cover.unsigned'), tone: 'muted' },
          ],
        ],
      },
    ],
  };
}
