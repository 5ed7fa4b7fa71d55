/** Names of the formats, apart from what makes them. */
export const VERIFY_FORMATS = ['text', 'json', 'junit', 'markdown', 'html', 'nagios'] as const;
export type VerifyFormat = (typeof VERIFY_FORMATS)[number];
