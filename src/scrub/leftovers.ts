/**
 * Names of the files that a rewriting puts beside the file it rewrites, and what a killed run has left of them. A name
 * tells whose it is: host, process and the process's start, so that nothing of a run that still works is taken away.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const TAG_DIGITS = 8;
const NAME =
  /^\.logveil-(?<file>[0-9a-f]{8})-(?<host>[0-9a-f]{8})-(?<pid>\d+)-(?<start>\d+)-[0-9a-f]{8}\.(?:new|old)$/;
/** Of `/proc/<pid>/stat`, counted behind the closing parenthesis of the command's name: proc(5), field 22. */
const START_FIELD = 19;

/**
 * A name that no other run uses, in the file's folder.
 * @param kind `new` is what will take the file's place, `old` a second name of what it takes the place of
 */
export function nameBeside(path: string, kind: 'new' | 'old'): string {
  const owner = `${tag(hostname())}-${process.pid}-${startOf(process.pid) ?? 0}`;
  return join(
    dirname(path),
    `.logveil-${tag(basename(path))}-${owner}-${randomBytes(4).toString('hex')}.${kind}`,
  );
}

/**
 * What runs that are gone have left beside a file; to be removed. The file itself is whole, whenever they were killed:
 * the new one was written and flushed before it took the place, the old one is a second name of the same bytes.
 * @throws the system's error
 */
export function leftoversOf(path: string): string[] {
  const folder = dirname(path);
  return readdirSync(folder)
    .filter((name) => {
      const { file, host, pid, start } = NAME.exec(name)?.groups ?? {};
      if (file !== tag(basename(path)) || host !== tag(hostname())) return false;
      return !isAlive(Number(pid), Number(start));
    })
    .map((name) => join(folder, name));
}

/** Whether a name is one of those that are put beside a file. */
export function isWorkingName(path: string): boolean {
  return NAME.test(basename(path));
}

function isAlive(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // Without /proc the number alone has to do.
  const known = startOf(pid);
  return known === undefined || known === start;
}

/** When the process was started, in clock ticks since the system was; undefined where that can't be told. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD]);
  } catch {
    return undefined;
  }
}

function tag(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, TAG_DIGITS);
}
