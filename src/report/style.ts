/**
 * The look of the report. Colours are named once for light and once for dark; paper is always light. Severities differ
 * in lightness too, so that they can be told apart without colours; each text colour has a contrast of at least 4.5 on
 * its ground (WCAG 2.2, 1.4.3), each mark of a chart at least 3 against what it stands on (1.4.11).
 */

const LIGHT = `
  --paper: #ffffff; --sheet: #f4f6f8; --ink: #1b2733; --soft: #4c5b6b; --line: #d5dce3; --accent: #1d4f73;
  --critical: #7d1330; --high: #b4451c; --medium: #a67c12; --low: #5c7a92;
  --good: #1f6b4a; --warning: #8a4b08; --missing: #8a1f3d; --missing-ground: #fbeef1; --warning-ground: #fdf4e3;
  --limit-ground: #eef4f9; --bar: #35688f; --bar-soft: #a9bfd0; --heat-0: #ffffff; --heat-1: #1d4f73;`;

const DARK = `
  --paper: #14191f; --sheet: #1b222a; --ink: #e6ebf0; --soft: #a9b5c1; --line: #35404c; --accent: #8dbfe6;
  --critical: #f08aa4; --high: #f0996b; --medium: #dcb64e; --low: #8fb0ca;
  --good: #7fd0a8; --warning: #eab667; --missing: #f3a3b6; --missing-ground: #3a1e27; --warning-ground: #352a17;
  --limit-ground: #1d2833; --bar: #7fb2da; --bar-soft: #4a5f72; --heat-0: #14191f; --heat-1: #6fa8d6;`;

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT}
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Liberation Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; z-index: 2; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(2rem, 5vw, 2.9rem); margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.55rem; margin: 0 0 1rem; display: flex; gap: .75rem; align-items: baseline; }
h2 .number { color: var(--soft); font-size: 1.05rem; font-weight: 400; min-width: 1.5rem; }
h3 { font-size: 1.12rem; margin: 2rem 0 .6rem; }
p { margin: 0 0 1rem; max-width: 44rem; }
.cover { background: var(--sheet); border-bottom: 1px solid var(--line); }
.cover .inner { max-width: 78rem; margin: 0 auto; padding: clamp(2rem, 6vw, 5rem) clamp(1.1rem, 5vw, 4rem) 2.5rem; }
.cover .brand { color: var(--accent); font-weight: 600; letter-spacing: .04em; margin: 0 0 1.5rem; }
.cover .subtitle { font-size: 1.15rem; color: var(--soft); margin-bottom: 2rem; }
.page { max-width: 78rem; margin: 0 auto; padding: 2rem clamp(1.1rem, 5vw, 4rem) 4rem; }
nav.contents ol { list-style: none; margin: 0; padding: 0; columns: 18rem; column-gap: 2rem; font-size: .93rem; }
nav.contents li { break-inside: avoid; display: flex; gap: .6rem; padding: .22rem 0; }
nav.contents li span { color: var(--soft); min-width: 1.4rem; text-align: right; }
nav.contents a { text-decoration: none; }
nav.contents a:hover { text-decoration: underline; }
nav.contents h2 { font-size: 1.05rem; }
@media (min-width: 70rem) {
  .page { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 3.5rem; }
  nav.contents { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; }
  nav.contents ol { columns: auto; font-size: .87rem; }
}
section { padding: 2rem 0 1.5rem; border-top: 1px solid var(--line); }
section:first-of-type { border-top: 0; padding-top: 0; }
@media (max-width: 69.99rem) { section:first-of-type { padding-top: 2rem; border-top: 1px solid var(--line); margin-top: 1.5rem; } }
.note { border-left: 3px solid var(--accent); background: var(--limit-ground); padding: .7rem 1rem; margin: 0 0 1rem; max-width: 46rem; }
.note.warning { border-color: var(--warning); background: var(--warning-ground); }
.figures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); margin: 0 0 1.5rem; padding: 0; list-style: none; }
.figures li { background: var(--paper); padding: .9rem 1rem; }
.figures b { display: block; font: 600 1.65rem/1.15 var(--serif); overflow-wrap: anywhere; }
.figures span { color: var(--soft); font-size: .86rem; line-height: 1.3; display: block; margin-top: .25rem; }
@media (max-width: 34rem) { .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
dl { display: grid; grid-template-columns: minmax(9rem, 15rem) minmax(0, 1fr); margin: 0 0 1.25rem; border-top: 1px solid var(--line); }
dl > div { display: contents; }
dt, dd { padding: .42rem 0; border-bottom: 1px solid var(--line); margin: 0; }
dt { color: var(--soft); padding-right: 1rem; }
dd { overflow-wrap: anywhere; }
dd span.item { display: block; }
@media (max-width: 34rem) { dl { grid-template-columns: minmax(0, 1fr); } dt { border-bottom: 0; padding-bottom: 0; font-size: .88rem; } dd { padding-top: .1rem; } }
ul.plain { padding-left: 1.2rem; margin: 0 0 1rem; max-width: 46rem; }
ul.plain li { margin: .25rem 0; }
.scroll { overflow-x: auto; margin: 0 0 1.5rem; }
/* A shade at the edge behind which more is, as long as more is there. */
@media screen { .scroll { background:
  linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
  linear-gradient(to right, var(--line), transparent) left / .8rem 100% no-repeat scroll,
  linear-gradient(to left, var(--line), transparent) right / .8rem 100% no-repeat scroll; } }
table { border-collapse: collapse; width: 100%; font-size: .86rem; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; color: var(--ink); }
th, td { text-align: left; vertical-align: top; padding: .42rem .6rem .42rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; border-bottom: 1.5px solid var(--soft); vertical-align: bottom; }
td { overflow-wrap: break-word; }
td code { min-width: 9rem; display: inline-block; }
.short { white-space: nowrap; }
td.number { text-align: right; white-space: nowrap; }
th.number { text-align: right; }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: .5rem; }
td:last-child, th:last-child { padding-right: .2rem; }
.more { color: var(--soft); font-size: .86rem; margin: -1rem 0 1.5rem; }
code { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
.missing { color: var(--missing); background: var(--missing-ground); border: 1px dashed currentColor; border-radius: 2px; padding: 0 .35em; font-weight: 600; }
.critical, .high, .medium, .low { font-weight: 600; white-space: nowrap; }
.critical::before, .high::before, .medium::before, .low::before { content: ""; display: inline-block; width: .62em; height: .62em; margin-right: .4em; background: currentColor; }
.critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium-text, var(--medium)); } .low { color: var(--low-text, var(--low)); }
.warning-text { color: var(--warning); font-weight: 600; } .good { color: var(--good); } .muted { color: var(--soft); }
figure { margin: 0 0 1.75rem; }
figcaption { font-weight: 600; font-size: .93rem; margin-bottom: .5rem; }
figure .scroll { margin: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 52rem; font-family: var(--sans); }
figure .summary { color: var(--soft); font-size: .86rem; margin: .4rem 0 0; max-width: 52rem; }
@media (max-width: 40rem) { figure svg { min-width: 33rem; } }
@media (prefers-color-scheme: light) { :root { --medium-text: #7d5c08; --low-text: #4a667c; } }
@media print {
  :root { color-scheme: light; ${LIGHT} --medium-text: #7d5c08; --low-text: #4a667c; }
  @page { size: A4; margin: 19mm 17mm 20mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #4c5b6b; } @bottom-left { content: var(--foot); font: 8pt sans-serif; color: #4c5b6b; } }
  @page :first { margin: 19mm 17mm; @bottom-right { content: none; } @bottom-left { content: none; } }
  html { font-size: 9.4pt; }
  body { line-height: 1.45; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .skip { display: none; }
  .cover { background: none; border: 0; }
  .cover .inner { padding: 18mm 0 8mm; }
  .page { display: block; padding: 0; max-width: none; }
  nav.contents { break-after: page; position: static; max-height: none; }
  nav.contents ol { columns: 2; font-size: 1rem; }
  nav.contents a, a { color: inherit; text-decoration: none; }
  section { padding: 6mm 0 4mm; }
  section:first-of-type { border-top: 0; padding-top: 0; margin-top: 0; }
  h1 { font-size: 27pt; } h2 { font-size: 15pt; } h3 { font-size: 11.5pt; }
  h2, h3, caption, figcaption, thead { break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  table { font-size: .87rem; }
  td code { min-width: 0; display: inline; }
  .short { white-space: normal; }
  .short > code { white-space: nowrap; }
  thead { display: table-header-group; }
  tr, figure, .note, .figures, dl > div { break-inside: avoid; }
  .scroll { overflow: visible; }
  figure svg { min-width: 0; max-width: none; }
  .figures { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .figures li { padding: .6rem .7rem; }
  .figures b { font-size: 13pt; }
  #heat { max-height: 118mm; }
}`;
