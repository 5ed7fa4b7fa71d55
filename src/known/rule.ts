/** What is told of known secrets: a rule like any other, but that no pack holds it. */
export const KNOWN_SECRET_RULE = {
  id: 'known-secret',
  entity: 'KNOWN_SECRET',
  category: 'secret',
  severity: 'critical',
  gdpr: [],
  confidence: 1,
} as const;
