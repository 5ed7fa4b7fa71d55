/** 13. Who gets the data, and where. */
import type { Context, Titled } from '../context.ts';
import type { Block, Cell } from '../document.ts';
import { isOutsideEea } from '../eea.ts';

export function transfers(context: Context): Titled {
  const regions = context.facts.controller?.regions ?? [];
  const recipients = context.facts.controller?.recipients ?? [];
  const stored = regions.map(
    (country): Cell =>
      isOutsideEea(country)
        ? { text: context.t('transfers.thirdRegion', { country }), tone: 'warning' }
        : `${country} (${context.t('transfers.eea')})`,
  );
  const blocks: Block[] = [
    { kind: 'text', text: context.t('transfers.lead') },
    {
      kind: 'facts',
      rows: [[context.t('transfers.regions'), stored.length === 0 ? context.missing : stored]],
    },
  ];
  if (recipients.length === 0) {
    blocks.push({ kind: 'facts', rows: [[context.t('transfers.table'), context.missing]] });
    return { id: 'transfers', blocks };
  }
  blocks.push({
    kind: 'table',
    caption: context.t('transfers.table'),
    columns: [
      { title: context.t('transfers.name') },
      { title: context.t('transfers.role') },
      { title: context.t('label.purpose') },
      { title: context.t('label.country') },
      { title: context.t('transfers.safeguard') },
    ],
    rows: recipients.map(({ name, role, purpose, country, safeguard }): Cell[] => {
      const isThird = isOutsideEea(country);
      const where = `${country ?? ''} (${context.t(isThird ? 'transfers.third' : 'transfers.eea')})`;
      return [
        name,
        context.told(role),
        context.told(purpose),
        country === undefined ? context.missing : isThird ? { text: where, tone: 'warning' } : where,
        isThird ? context.told(safeguard) : (safeguard ?? context.unknown),
      ];
    }),
  });
  return { id: 'transfers', blocks };
}
