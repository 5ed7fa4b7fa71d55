/**
 * What only the controller can say, for the report: who, why, how long, on what basis, to whom. logveil takes it as it is
 * told and judges none of it; what is not there shows as missing.
 */
import { z } from 'zod';
import { CATEGORIES } from '../findings/finding.ts';

const text = z.string().min(1).max(2000);
const days = z.number().int().min(1).max(36_500);
const instant = z.iso
  .datetime({ offset: true })
  .describe('Date and time with its offset, `2026-11-20T09:30:00+01:00`.');
const date = z.iso.date().describe('`2026-11-20`.');
const country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'expected a country code of ISO 3166-1, such as `DE`')
  .describe('ISO 3166-1, two letters.');

const purpose = z.strictObject({
  name: text,
  legalBasis: text.optional().describe('As the controller sees it, such as `Art. 6(1)(f)`.'),
  note: text.optional(),
  entities: z.array(text).default([]).describe('Entities needed for it, such as `IP_ADDRESS`.'),
  categories: z.array(z.enum(CATEGORIES)).default([]).describe('The same by category.'),
  services: z.array(text).default([]).describe('Where; everywhere without any.'),
});

const retention = z.strictObject({
  days: days.describe('How long logs are kept.'),
  justification: text.optional(),
  services: z.record(z.string(), days).default({}).describe('Days, by service.'),
});

const recipient = z.strictObject({
  name: text,
  role: text.optional().describe('Processor, joint controller, authority.'),
  purpose: text.optional(),
  country: country.optional(),
  safeguard: text.optional().describe('For a transfer: adequacy decision, standard contractual clauses.'),
});

const incident = z.strictObject({
  id: text,
  awareAt: instant.optional().describe('When the controller became aware: the clock of Art. 33 starts here.'),
  nature: text.optional(),
  dataSubjects: text.optional().describe('Categories and approximate number of persons.'),
  records: text.optional().describe('Categories and approximate number of records.'),
  consequences: text.optional(),
  measures: text.optional(),
  notifiedAt: instant.optional(),
  delayReason: text.optional(),
  communicatedAt: instant.optional().describe('To the persons concerned, Art. 34.'),
  phases: z
    .array(z.strictObject({ at: instant, what: text }))
    .default([])
    .describe('Art. 33(4).'),
});

const review = z
  .strictObject({
    sampled: z.number().int().min(1).describe('Findings drawn at random and looked at.'),
    confirmed: z.number().int().min(0).describe('Of these, right.'),
    date: date.optional(),
    by: text.optional(),
  })
  .refine(({ sampled, confirmed }) => confirmed <= sampled, {
    message: 'expected at most as many confirmed as sampled',
  });

export const controllerSchema = z
  .strictObject({
    name: text.optional(),
    address: text.optional(),
    contacts: z
      .strictObject({
        controller: text.optional(),
        jointControllers: text.optional(),
        representative: text.optional(),
        dpo: text.optional().describe('Data protection officer.'),
      })
      .default({}),
    system: text.optional().describe('The processing, such as `Logs of the web shop`.'),
    purposes: z.array(purpose).default([]),
    dataSubjects: z.array(text).default([]).describe('Categories of persons.'),
    retention: retention.optional(),
    measures: z.array(text).default([]).describe('Technical and organisational, Art. 32(1).'),
    recipients: z.array(recipient).default([]),
    regions: z.array(country).default([]).describe('Countries in which the logs are stored.'),
    services: z
      .record(z.string(), z.strictObject({ owner: text.optional(), due: date.optional() }))
      .default({})
      .describe('Who mends a service, and until when.'),
    keyRotated: date.optional().describe('When the key of the fingerprints was last changed.'),
    review: review.optional().describe('A sample of findings that people have looked at.'),
    deadlineHours: z.number().min(1).max(8760).default(72).describe('Art. 33(1).'),
    incidents: z.array(incident).default([]).describe('Register of Art. 33(5).'),
  })
  .describe('What only the controller can say; for `logveil report`.');

export type Controller = z.infer<typeof controllerSchema>;
export type Incident = Controller['incidents'][number];
