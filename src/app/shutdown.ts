/**
 * The first SIGINT or SIGTERM ends the reading; what was read is finished and written, but for a line that it cut (see
 * cutLine.ts). Files that are left unread by that are a failure of the run, standard input is not: a stream has no other
 * end. The second signal ends the process at once, for the case that downstream takes nothing any more.
 */

/** @returns a signal that is aborted when the process is asked to stop */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort();
      // The default action of the second does not wait, as an exit would, for a write that is stuck.
      for (const other of ['SIGINT', 'SIGTERM']) process.removeAllListeners(other);
    });
  }
  return controller.signal;
}
