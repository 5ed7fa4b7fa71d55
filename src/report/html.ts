/** The report as one HTML file: no script, nothing loaded from anywhere, for screens, phones, screen readers and paper. */
import type { Block, Cell, ReportDocument, Section, Table, Tone } from './document.ts';
import { escapeHtml } from './escape.ts';
import { STYLE } from './style.ts';

/** Nothing may be loaded or run, whatever a value smuggles in: CSP Level 3. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const SHORT_CHARACTERS = 16;

/** Words that only this format needs. */
export interface HtmlWords {
  readonly skip: string;
}

/** @returns a whole HTML document, UTF-8 */
export function renderHtml(report: ReportDocument, words: HtmlWords): string {
  const { language, title, subtitle, cover, contents, footer, sections } = report;
  // In a style sheet a string ends at its quote; nothing else may stand in it.
  const foot = footer.replace(/[^\p{L}\p{N} .,:;()/·–-]/gu, ' ');
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="generator" content="logveil">
<title>${escapeHtml(`${title}: ${subtitle}`)}</title>
<style>:root { --foot: "${foot}"; }${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">${escapeHtml(words.skip)}</a>
<header class="cover"><div class="inner">
<p class="brand">logveil</p>
<h1>${escapeHtml(title)}</h1>
<p class="subtitle">${escapeHtml(subtitle)}</p>
${factsHtml(cover)}
</div></header>
<div class="page">
<nav class="contents" aria-labelledby="contents">
<h2 id="contents">${escapeHtml(contents)}</h2>
<ol>
${sections.map(contentsEntry).join('\n')}
</ol>
</nav>
<main id="main">
${sections.map(sectionHtml).join('\n')}
</main>
</div>
</body>
</html>
`;
}

function contentsEntry({ id, number, title }: Section): string {
  return `<li><span>${number}</span><a href="#${id}">${escapeHtml(title)}</a></li>`;
}

function sectionHtml({ id, number, title, blocks }: Section): string {
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><span class="number">${number}</span><span>${escapeHtml(title)}</span></h2>
${blocks.map(blockHtml).join('\n')}
</section>`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${proseHtml(block.text)}</p>`;
    case 'heading':
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case 'note':
      return `<p class="note ${block.tone}">${proseHtml(block.text)}</p>`;
    case 'facts':
      return factsHtml(block.rows);
    case 'figures':
      return `<ul class="figures">${block.items
        .map(
          ({ value, label, tone }) =>
            `<li><b>${cellHtml({ text: value, ...(tone && { tone }) })}</b><span>${escapeHtml(label)}</span></li>`,
        )
        .join('')}</ul>`;
    case 'list':
      return `<ul class="plain">${block.items.map((item) => `<li>${cellHtml(item)}</li>`).join('')}</ul>`;
    case 'table':
      return tableHtml(block);
    case 'chart':
      return `<figure><figcaption>${escapeHtml(block.caption)}</figcaption><div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(block.caption)}">${block.svg}</div><p class="summary">${escapeHtml(block.summary)}</p></figure>`;
  }
}

function tableHtml({ caption, columns, rows, more }: Table): string {
  const number = (index: number): string => (columns[index]?.isNumber ? ' class="number"' : '');
  const kind = (cell: Cell, index: number): string =>
    number(index) || (isShort(cell) ? ' class="short"' : '');
  const head = columns.map(({ title }, index) => `<th scope="col"${number(index)}>${escapeHtml(title)}</th>`);
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, index) => `<td${kind(cell, index)}>${cellHtml(cell)}</td>`).join('')}</tr>`,
  );
  const rest = more === undefined ? '' : `<p class="more">${escapeHtml(more)}</p>`;
  // Wide tables scroll by themselves; by keyboard, too.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>${rest}`;
}

/** Short enough to stay in one line. */
function isShort(cell: Cell): boolean {
  return (typeof cell === 'string' ? cell : cell.text).length <= SHORT_CHARACTERS;
}

/** Our own sentences name commands and settings between backticks. */
function proseHtml(text: string): string {
  return escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function factsHtml(rows: readonly (readonly [label: string, value: Cell | readonly Cell[]])[]): string {
  const value = (cells: Cell | readonly Cell[]): string =>
    Array.isArray(cells)
      ? cells.map((cell) => `<span class="item">${cellHtml(cell as Cell)}</span>`).join('')
      : cellHtml(cells as Cell);
  return `<dl>${rows.map(([label, cells]) => `<div><dt>${escapeHtml(label)}</dt><dd>${value(cells)}</dd></div>`).join('')}</dl>`;
}

const TONE_CLASSES: Readonly<Record<Tone, string>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  missing: 'missing',
  warning: 'warning-text',
  good: 'good',
  muted: 'muted',
};

function cellHtml(cell: Cell): string {
  if (typeof cell === 'string') return breakable(escapeHtml(cell));
  const text = cell.isCode
    ? `<code>${breakable(escapeHtml(cell.text))}</code>`
    : breakable(escapeHtml(cell.text));
  return cell.tone === undefined ? text : `<span class="${TONE_CLASSES[cell.tone]}">${text}</span>`;
}

/** Long names may be broken behind an underscore or a slash rather than anywhere. */
function breakable(html: string): string {
  // A break may be taken even where lines are not to be broken.
  if (html.length <= SHORT_CHARACTERS) return html;
  return html.replace(/(?<=[\p{L}\d])[_/](?=[\p{L}\d])/gu, '$&<wbr>');
}
