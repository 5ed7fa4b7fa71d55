/** What the process tells its caller; a fixed contract. `unknown` is `verify`'s alone: it could not run. */
export const EXIT_CODES = { done: 0, found: 1, failed: 2, unknown: 3 } as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
