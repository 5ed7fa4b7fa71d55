/**
 * What node-re2 does to a pattern before RE2 sees it (its translateRegExp), step for step, because a pattern means
 * what RE2 gets, not what was typed: \uXXXX and \u{X} become \x{X}, \cX a hex escape, `/` gains a backslash (inside
 * \Q..\E too), long Unicode class names become short ones, (?<n>..) becomes (?P<n>..).
 */

const HEX = /^[0-9A-Fa-f]$/;

/** The long names node-re2 knows, with RE2's short ones. */
const CLASS_NAMES: ReadonlyMap<string, string> = new Map(
  (
    'Uppercase_Letter Lu Lowercase_Letter Ll Titlecase_Letter Lt Cased_Letter LC Modifier_Letter Lm Other_Letter Lo ' +
    'Letter L Nonspacing_Mark Mn Spacing_Mark Mc Enclosing_Mark Me Mark M Decimal_Number Nd Letter_Number Nl ' +
    'Other_Number No Number N Connector_Punctuation Pc Dash_Punctuation Pd Open_Punctuation Ps ' +
    'Close_Punctuation Pe Initial_Punctuation Pi Final_Punctuation Pf Other_Punctuation Po Punctuation P ' +
    'Math_Symbol Sm Currency_Symbol Sc Modifier_Symbol Sk Other_Symbol So Symbol S Space_Separator Zs ' +
    'Line_Separator Zl Paragraph_Separator Zp Separator Z Control Cc Format Cf Surrogate Cs Private_Use Co ' +
    'Unassigned Cn Other C'
  )
    .split(' ')
    .reduce<[string, string][]>((pairs, word, i, all) => {
      if (i % 2 === 0) pairs.push([word, all[i + 1] as string]);
      return pairs;
    }, []),
);

/** The pattern as RE2 gets it from node-re2 with no flags. */
export function translatePattern(source: string): string {
  if (source === '') return '(?:)';
  const chars = [...source];
  let out = '';
  for (let i = 0; i < chars.length; ) {
    const char = chars[i] as string;
    if (char === '\\' && i + 1 < chars.length) {
      const next = chars[i + 1] as string;
      const after = chars[i + 2];
      if (next === 'c' && after !== undefined && after >= 'A' && after <= 'Z' && after.length === 1) {
        out += `\\x${(after.charCodeAt(0) - 64).toString(16).toUpperCase().padStart(2, '0')}`;
        i += 3;
      } else if (next === 'u' && after !== undefined && HEX.test(after)) {
        let digits = after;
        i += 3;
        for (let j = 0; j < 3 && i < chars.length && HEX.test(chars[i] as string); i++, j++)
          digits += chars[i];
        out += `\\x{${digits}}`;
      } else if (next === 'u' && after === '{') {
        out += '\\x';
        i += 2;
      } else if ((next === 'p' || next === 'P') && after === '{' && chars.indexOf('}', i + 3) >= 0) {
        const close = chars.indexOf('}', i + 3);
        out += `\\${next}${className(chars.slice(i + 3, close).join(''))}`;
        i = close + 1;
      } else {
        out += `\\${next}`;
        i += 2;
      }
    } else if (char === '/') {
      out += '\\/';
      i += 1;
    } else if (
      char === '(' &&
      chars[i + 1] === '?' &&
      chars[i + 2] === '<' &&
      !'=!'.includes(chars[i + 3] ?? '#')
    ) {
      out += '(?P<';
      i += 3;
    } else {
      out += char;
      i += 1;
    }
  }
  return out;
}

function className(written: string): string {
  let name = CLASS_NAMES.get(written);
  if (name === undefined) {
    if (written.length > 7 && written.startsWith('Script=')) name = written.slice(7);
    else if (written.length > 3 && written.startsWith('sc=')) name = written.slice(3);
    else name = written;
  }
  return name.length === 1 && name.charCodeAt(0) < 0x80 ? name : `{${name}}`;
}
