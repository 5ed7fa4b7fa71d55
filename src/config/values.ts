/** Values that settings can have, apart from the schema, which takes long to load. */

/** The first is the default. */
export const ENGINES = ['kernel', 're2'] as const;
export const ON_ERROR = ['withhold', 'pass'] as const;
export const JSON_KEYS = ['keep', 'redact'] as const;

/** The smallest line limit: an overlap of a quarter of it must still hold a short value. */
export const MIN_LINE_BYTES = 256;
export const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Chosen by measurement, see docs/findings.md. */
export const DEFAULT_MIN_CONFIDENCE = 0;

export const DEFAULT_MASK = { keepFirst: 0, keepLast: 4, keepFormat: true } as const;

/** Each has rules and an engine of its own, some 60 MB. */
export const MOST_JOBS = 64;
