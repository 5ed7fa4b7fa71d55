/** Runs one contender over one file, in a process of its own: `contender.mjs NAME FILE` prints what it did as JSON. */
import { readFileSync } from 'node:fs';
import { naive } from './naive.mjs';
import { set } from './set.mjs';

/**
 * @typedef {object} Outcome
 * @property {number} seconds without loading rules and file
 * @property {number} lines
 * @property {number} linesChanged or, for a contender that changes nothing, lines with a match
 * @property {number} linesFailed that could not be looked at
 * @property {number} bytesOut
 * @typedef {(bytes: Buffer) => Promise<Outcome>} Contender
 */

/** @type {Readonly<Record<string, Contender>>} */
const CONTENDERS = { 'split2-replace': naive, 're2-set': set };

const [name, file] = process.argv.slice(2);
const outcome = await CONTENDERS[name](readFileSync(file));
process.stdout.write(`${JSON.stringify(outcome)}\n`);
