/** What the process tells its caller; a fixed contract. */
export const EXIT_CODES = { done: 0, found: 1, failed: 2 } as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
