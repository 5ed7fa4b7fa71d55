/** The report as Markdown (GitHub's, for its tables). Charts are told in words. */
import type { Block, Cell, ReportDocument, Section } from './document.ts';
import { escapeMarkdown } from './escape.ts';

export function renderMarkdown(report: ReportDocument): string {
  const { title, subtitle, cover, sections } = report;
  const parts = [
    `# ${escapeMarkdown(title)}`,
    `*${escapeMarkdown(subtitle)}*`,
    facts(cover),
    ...sections.map(sectionText),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionText({ number, title, blocks }: Section): string {
  return [`## ${number}. ${escapeMarkdown(title)}`, ...blocks.map(blockText)].join('\n\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return escapeMarkdown(block.text);
    case 'heading':
      return `### ${escapeMarkdown(block.text)}`;
    case 'note':
      return `> ${escapeMarkdown(block.text)}`;
    case 'facts':
      return facts(block.rows);
    case 'figures':
      return block.items
        .map(({ value, label }) => `- **${escapeMarkdown(value)}** ${escapeMarkdown(label)}`)
        .join('\n');
    case 'list':
      return block.items.map((item) => `- ${cell(item)}`).join('\n');
    case 'chart':
      return `**${escapeMarkdown(block.caption)}**: ${escapeMarkdown(block.summary)}`;
    case 'table': {
      const head = `| ${block.columns.map(({ title }) => escapeMarkdown(title)).join(' | ')} |`;
      const rule = `|${block.columns.map(({ isNumber }) => (isNumber ? '--:' : '---')).join('|')}|`;
      const rows = block.rows.map((row) => `| ${row.map(cell).join(' | ')} |`);
      const more = block.more === undefined ? [] : ['', escapeMarkdown(block.more)];
      return [`**${escapeMarkdown(block.caption)}**`, '', head, rule, ...rows, ...more].join('\n');
    }
  }
}

function facts(rows: readonly (readonly [label: string, value: Cell | readonly Cell[]])[]): string {
  return rows
    .map(([label, value]) => {
      const cells = Array.isArray(value) ? (value as readonly Cell[]) : [value as Cell];
      return `- ${escapeMarkdown(label)}: ${cells.map(cell).join('; ')}`;
    })
    .join('\n');
}

function cell(value: Cell): string {
  if (typeof value === 'string') return escapeMarkdown(value);
  const text = escapeMarkdown(value.text);
  return value.tone === 'missing' ? `**${text}**` : text;
}
