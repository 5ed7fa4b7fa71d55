/** What may be shown of an error that is not ours: its kind and where it was thrown. Its text may hold scanned bytes. */

const SHOWN_FRAMES = 3;

export function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** The code lines of an error's stack, without its message, which may have lines that look like code lines. */
export function codeFrames(error: unknown): string {
  const { stack = '', message } = error instanceof Error ? error : { message: '' };
  const at = stack.indexOf(message);
  if (at === -1) return '';
  const frames = stack
    .slice(at + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return frames
    .slice(0, SHOWN_FRAMES)
    .map((line) => line.trim())
    .join(' ');
}
