/** What can be measured, and on what; apart from how, so that the help need not load it. */

export const CORPUS_NAMES = ['clean', 'access', 'dense', 'json', 'worst', 'worst-16k', 'long-line'] as const;
export type CorpusName = (typeof CORPUS_NAMES)[number];

export const MEASURES = ['throughput', 'latency', 'memory', 'startup'] as const;
export type Measure = (typeof MEASURES)[number];
