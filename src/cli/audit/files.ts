/** The files of an audit, without those that it writes itself. */
import { fstatSync, type Stats, statSync } from 'node:fs';
import { type Listed, listFiles } from '../../audit/listing.ts';
import type { AuditFlags, AuditOptions } from '../auditFlags.ts';
import { isSameFile } from '../checks.ts';
import { stateOf } from './resume.ts';

/**
 * @param outputFd where the result goes
 * @param others further files that are written; undefined ones are not wanted
 * @throws UsageError for a pattern that is none
 */
export function filesToAudit(
  { listing }: AuditOptions,
  flags: AuditFlags,
  outputFd: number,
  others: readonly (string | undefined)[],
): Listed[] {
  const own: Stats[] = [fstatSync(outputFd)];
  for (const path of others) {
    const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) own.push(stats);
  }
  const state = stateOf(flags.output);
  const ownNames = new Set([`${flags.output}.lock`, state, `${state}.files`]);
  if (flags.state !== undefined) ownNames.add(`${flags.state}.lock`).add(`${flags.state}.files`);
  const isOwn = (stats: Stats): boolean => own.some((one) => one.isFile() && isSameFile(one, stats));
  return [...listFiles({ ...listing, isOwn })].filter(({ path }) => !ownNames.has(path));
}
