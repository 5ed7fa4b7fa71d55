/** 16. By which rules, of which files, and where the texts come from. */
import type { Context, Titled } from '../context.ts';
import type { Block, Cell } from '../document.ts';

export function appendix(context: Context): Titled {
  const { audit, inputs } = context.facts;
  const { catalogue, packs } = audit.rules;
  const counts = new Map(audit.aggregates.byRule.map(({ name, findings }) => [name, findings]));
  const found = catalogue.filter(({ id }) => (counts.get(id) ?? 0) > 0);
  const blocks: Block[] = [
    { kind: 'text', text: context.t('appendix.rulesNote', { count: catalogue.length }) },
    {
      kind: 'table',
      caption: context.t('appendix.rules'),
      columns: [
        { title: context.t('label.rule') },
        { title: context.t('label.entity') },
        { title: context.t('label.article') },
        { title: context.t('label.severity') },
        { title: context.t('appendix.checks') },
        { title: context.t('label.detections'), isNumber: true },
      ],
      rows: found.map(({ id, entity, gdpr, severity, validators }): Cell[] => [
        context.code(id),
        entity,
        gdpr.map(articleName).join(', '),
        context.severity(severity),
        validators.length === 0 ? context.unknown : validators.join(', '),
        context.number(counts.get(id) ?? 0),
      ]),
    },
    {
      kind: 'table',
      caption: context.t('appendix.packs'),
      columns: [
        { title: context.t('appendix.pack') },
        { title: context.t('appendix.ruleCount'), isNumber: true },
        { title: 'SHA-256' },
      ],
      rows: packs.map(({ name, rules, digest }): Cell[] => [
        name,
        context.number(rules),
        context.code(digest),
      ]),
    },
    {
      kind: 'table',
      caption: context.t('appendix.inputs'),
      columns: [
        { title: context.t('label.path') },
        { title: context.t('appendix.schema') },
        { title: context.t('label.bytes'), isNumber: true },
        { title: 'SHA-256' },
      ],
      rows: inputs.map(({ path, schema, bytes, sha256 }): Cell[] => [
        context.code(path),
        schema,
        context.size(bytes),
        context.code(sha256),
      ]),
    },
    { kind: 'text', text: context.t('appendix.manifest') },
    { kind: 'text', text: context.t('appendix.formats') },
    { kind: 'note', tone: 'limit', text: context.t('appendix.sources') },
  ];
  return { id: 'appendix', blocks };
}

/** `art5(1)(e)` as `Art. 5(1)(e)`, `rec30` as `Rec. 30`. */
function articleName(name: string): string {
  return name.replace(/^art/, 'Art. ').replace(/^rec/, 'Rec. ');
}
