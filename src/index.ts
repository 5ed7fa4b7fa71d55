/**
 * The library: the same redaction as the command line's, for programs.
 *
 *     import { createSanitizer } from 'logveil';
 *     const sanitizer = createSanitizer({ action: 'redact' });
 *     sanitizer.redact('mail from jane@example.com'); // 'mail from [REDACTED:email]'
 */
export { createRedactStream, createRedactWebStream, type RedactStreamOptions } from './app/redactStream.ts';
export { createSanitizer, type Sanitizer, type SanitizerOptions } from './app/sanitizer.ts';
export { IoError, LogveilError, type Problem, ProblemsError, UsageError } from './errors.ts';
export type { Action, Category, Finding, Severity } from './findings/finding.ts';
export type { Summary } from './findings/summary.ts';
export { VERSION } from './version.ts';
