/** The report for programs, schema `logveil.report/1`: the facts it was made of, and its sections as content. */
import type { Context } from './context.ts';
import type { Block, ReportDocument } from './document.ts';

/** Pictures are for people; their words stay. */
function withoutPicture(block: Block): Block | Omit<Extract<Block, { kind: 'chart' }>, 'svg'> {
  if (block.kind !== 'chart') return block;
  const { svg: _, ...rest } = block;
  return rest;
}

export function renderJson({ facts, language }: Context, { title, sections }: ReportDocument): string {
  const { audit, earlier, summaries, subjects, scrubbed, controller, inputs, made, version } = facts;
  const report = {
    schema: 'logveil.report/1',
    version,
    made: made.toISOString(),
    language,
    title,
    inputs,
    controller: controller ?? null,
    audit,
    earlier: earlier.map(({ id, run, rules, totals }) => ({
      id,
      ended: run.ended,
      rulesDigest: rules.digest,
      totals,
    })),
    summaries,
    subjects,
    scrubbed,
    sections: sections.map((section) => ({ ...section, blocks: section.blocks.map(withoutPicture) })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
