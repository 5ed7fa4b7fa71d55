/**
 * Vectorscan, which matches many expressions at once as nothing else does. It gets what logveil's engine searches, in
 * its own syntax (that of PCRE), and only counts: no spans of groups, no validators, no redaction.
 *
 * It is measured in two ways, and the faster one counts: each line by itself, where one report a pattern and line is
 * enough, and the whole corpus in one call, where it reports the end of every match and classes are kept off line ends.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../lib/command.mjs';
import { enginePatterns } from '../lib/patterns.mjs';

const SOURCE = fileURLToPath(new URL('./vectorscan.cpp', import.meta.url));
/** Vectorscan goes by the name of what it is a fork of. */
const LIBRARY = 'libhs';
const HOW_TO_INSTALL =
  'install a C++ compiler, pkg-config and the library (Debian: libvectorscan-dev) to compare with it';

/** @typedef {'lines' | 'whole'} Mode */
/** @type {readonly Mode[]} */
const MODES = ['lines', 'whole'];

/**
 * @typedef {object} Refusal
 * @property {string} pattern as logveil has it
 * @property {string} reason
 *
 * @typedef {object} Setup
 * @property {string} version of the library
 * @property {number} used patterns
 * @property {Refusal[]} refused
 *
 * @typedef {object} Scan
 * @property {Mode} mode
 * @property {number} seconds for one pass
 * @property {number} bytes
 * @property {number} matches
 * @property {number} linesMatched 0 for `whole`
 */

export class Vectorscan {
  #folder;
  /** @type {Setup} */
  setup;

  /** @param {string} folder @param {Setup} setup */
  constructor(folder, setup) {
    this.#folder = folder;
    this.setup = setup;
  }

  /**
   * Builds the program and its databases.
   * @param {string} folder where they go
   * @returns {Promise<Vectorscan | string>} or why there is none
   */
  static async build(folder) {
    const program = join(folder, 'vectorscan');
    const absence = buildProgram(program);
    if (absence !== undefined) return absence;
    const patterns = await enginePatterns();
    const setups = [];
    for (const mode of MODES) {
      const expressions = join(folder, `${mode}.tsv`);
      writeFileSync(expressions, patterns.map((pattern, id) => toLine(id, pattern, mode)).join(''));
      const output = await run([program, 'compile', expressions, join(folder, `${mode}.hs`)]);
      const { version, used, refused } = JSON.parse(output);
      const named = refused.map(({ id, reason }) => ({ pattern: patterns[id], reason }));
      setups.push({ version, used, refused: named });
    }
    const [setup, ...others] = setups;
    if (others.some(({ used }) => used !== setup.used)) {
      throw new Error('vectorscan: by line and as a whole it takes different patterns');
    }
    return new Vectorscan(folder, setup);
  }

  /**
   * @param {string} file
   * @returns {Promise<Scan[]>} the fastest first
   */
  async scan(file) {
    const scans = [];
    for (const mode of MODES) {
      const command = [
        join(this.#folder, 'vectorscan'),
        'scan',
        join(this.#folder, `${mode}.hs`),
        mode,
        file,
      ];
      scans.push(JSON.parse(await run(command)));
    }
    return scans.sort((a, b) => a.seconds - b.seconds);
  }
}

/** @param {string} program @returns {string | undefined} why it can't be built */
function buildProgram(program) {
  let flags;
  try {
    const output = execFileSync('pkg-config', ['--cflags', '--libs', LIBRARY], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    flags = output.toString().split(/\s+/).filter(Boolean);
  } catch {
    return `Vectorscan is not here: ${HOW_TO_INSTALL}`;
  }
  try {
    const optimised = ['-std=c++17', '-O3', '-march=native'];
    execFileSync('c++', [...optimised, SOURCE, '-o', program, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    if (error.code === 'ENOENT') return `there is no C++ compiler for Vectorscan: ${HOW_TO_INSTALL}`;
    throw new Error(`bench/contenders/vectorscan.cpp does not compile: ${error.stderr}`);
  }
  return undefined;
}

/** @param {number} id @param {string} pattern @param {Mode} mode */
function toLine(id, pattern, mode) {
  // UTF-8 is asked for only where it makes a difference: it costs Vectorscan speed.
  const flags = (needsUtf8(pattern) ? '8' : '') + (mode === 'lines' ? '1' : 'm');
  return `${id}\t${flags}\t${toPcre(pattern, mode)}\n`;
}

/**
 * Whether characters outside of ASCII matter: they are named, or one of them may be counted as one. Folded, k and s
 * match two of them.
 * @param {string} pattern
 */
function needsUtf8(pattern) {
  const named = /[^\p{ASCII}]|\\x\{|\\x[89a-fA-F]|\\[pP]/u;
  const folded = /\(\?[a-z]*i/.test(pattern) && /[ks]/i.test(pattern);
  // A dot in a class is but a dot.
  const bare = pattern.replace(/\\[^WSD]/g, '').replace(/\[[^^\]][^\]]*\]/g, '');
  return named.test(pattern) || folded || /\[\^|\\[WSD]|\./.test(bare);
}

/**
 * From RE2's syntax to PCRE's, with equal meaning on a line. What the two share goes over as it is.
 * @param {string} pattern
 * @param {Mode} mode in `whole` nothing may match a line end, and texts begin and end where lines do
 */
function toPcre(pattern, mode) {
  const lineEnd = mode === 'whole' ? '\\n' : '';
  // PCRE's \s has the vertical tab, RE2's has not; its line feed is never met.
  const outside = {
    s: '[\\t\\f\\r ]',
    S: `[^\\t${lineEnd}\\f\\r ]`,
    W: `[^\\w${lineEnd}]`,
    D: `[^\\d${lineEnd}]`,
    A: mode === 'whole' ? '^' : '\\A',
    z: mode === 'whole' ? '$' : '\\z',
  };
  const inside = { s: '\\t\\f\\r ' };
  let out = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === '\\') {
      at++;
      out += (inClass ? inside : outside)[pattern[at]] ?? char + pattern[at];
    } else if (char === '\n') {
      out += '\\n';
    } else if (inClass) {
      const posix = /^\[:\^?\w+:\]/.exec(pattern.slice(at))?.[0];
      if (posix !== undefined) at += posix.length - 1;
      else if (char === ']') inClass = false;
      // An opening bracket in a class is plain in both, but not before every sign in PCRE.
      out += posix ?? (char === '[' ? '\\[' : char);
    } else if (char === '[') {
      inClass = true;
      const negated = pattern[at + 1] === '^';
      if (negated) at++;
      out += negated ? `[^${lineEnd}` : '[';
      // First in a class a closing bracket is one of its members.
      if (pattern[at + 1] === ']') {
        at++;
        out += '\\]';
      }
    } else {
      out += char;
    }
  }
  return out;
}
