/** Toy rules: quick to load, quick to search, and untouched by work on the rules that ship. */

/** Two rules of different severity, category and entity: `user-<digits>@toy.example` and `tok_` with 24 letters. */
export const TOY_RULES = `schema: logveil.rules/1
rules:
  - id: toy-mail
    description: Address at the toy domain
    entity: EMAIL_ADDRESS
    category: pii
    gdpr: [art4(1)]
    severity: medium
    confidence: 0.9
    patterns:
      - regex: 'user-[0-9]{1,12}@toy\\.example'
    keywords: ['@toy']
    examples:
      - text: 'to user-7@toy.example'
        match: user-7@toy.example
  - id: toy-token
    description: Toy token
    entity: TOY_TOKEN
    category: secret
    gdpr: [art32]
    severity: critical
    confidence: 0.99
    patterns:
      - regex: 'tok_[a-z]{24}'
    keywords: [tok_]
    examples:
      - text: 'key tok_abcdefghijklmnopqrstuvwx'
        match: tok_abcdefghijklmnopqrstuvwx
`;
