/** Values in the notations of the formats. File and service names come from logs: they may be anything. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML and SVG, in text and in quoted attributes. Characters that nobody sees are shown as U+FFFD. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** For Markdown, in text and table cells: no markup, no HTML, no link, no line break. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&$:]/g, '\\$&')
    .replace(/^(\s*)([-=]|\d+\.)/, '$1\\$2')
    .replace(/@/g, '&#64;')
    .replace(/(https?|ftp|www)/gi, '$1\u200b');
}

/**
 * A CSV field (RFC 4180), quoted always. One that a spreadsheet would take for a formula gets an apostrophe before it
 * (OWASP, CSV Injection), blanks before the sign included.
 */
export function csvField(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = visible(value);
  const safe =
    /^[\s\u00a0\ufeff]*[=+\-@|%＝＋－＠]/.test(value) || /^[\t\r\n]/.test(value) ? `'${text}` : text;
  return `"${safe.replace(/"/g, '""')}"`;
}

/** Control, format and bidirectional characters would hide or reorder what is written. */
function visible(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, '\ufffd');
}
