/** File descriptors every process starts with. */
export const STDIN_FD = 0;
export const STDOUT_FD = 1;
export const STDERR_FD = 2;
