/** Puts the sixteen sections together. */
import { Context, type ReportFacts } from './context.ts';
import type { ReportDocument } from './document.ts';
import { period } from './measures.ts';
import { CATALOGUES, type Language } from './messages/catalogue.ts';
import { accuracy } from './sections/accuracy.ts';
import { appendix } from './sections/appendix.ts';
import { basis } from './sections/basis.ts';
import { blast } from './sections/blast.ts';
import { breach } from './sections/breach.ts';
import { cover } from './sections/cover.ts';
import { coverage } from './sections/coverage.ts';
import { impact } from './sections/impact.ts';
import { inventory } from './sections/inventory.ts';
import { purpose } from './sections/purpose.ts';
import { records } from './sections/records.ts';
import { security } from './sections/security.ts';
import { storage } from './sections/storage.ts';
import { subject } from './sections/subject.ts';
import { summary } from './sections/summary.ts';
import { transfers } from './sections/transfers.ts';

/** In the order of the report. */
const SECTIONS = [
  ...[cover, summary, coverage, inventory, purpose, storage, basis, security],
  ...[subject, records, breach, impact, transfers, accuracy, blast, appendix],
] as const;

const TITLES = {
  cover: 'cover.title',
  summary: 'summary.title',
  coverage: 'coverage.title',
  inventory: 'inventory.title',
  purpose: 'purpose.title',
  storage: 'storage.title',
  basis: 'basis.title',
  security: 'security.title',
  subject: 'subject.title',
  records: 'records.title',
  breach: 'breach.title',
  impact: 'impact.title',
  transfers: 'transfers.title',
  accuracy: 'accuracy.title',
  blast: 'blast.title',
  appendix: 'appendix.title',
} as const;

export function contextOf(facts: ReportFacts, language: Language): Context {
  return new Context(facts, language, CATALOGUES[language]);
}

/** The report as content, in the context's language. */
export function buildReport(context: Context): ReportDocument {
  const { audit, controller, made } = context.facts;
  const name = controller?.name ?? context.t('missing');
  const ended = context.day(audit.run.ended.slice(0, 10));
  return {
    language: context.language,
    title: context.t('report.title'),
    subtitle: context.t('report.subtitle'),
    cover: [
      [context.t('label.controller'), context.told(controller?.name)],
      [context.t('label.processing'), context.told(controller?.system)],
      [context.t('label.period'), period(context)],
      [context.t('label.audited'), ended],
      [context.t('label.made'), context.instant(made)],
    ],
    contents: context.t('contents'),
    footer: context.t('report.footer', { name, date: ended }),
    sections: SECTIONS.map((section, index) => {
      const { id, blocks } = section(context);
      return { id, blocks, number: index + 1, title: context.t(TITLES[id as keyof typeof TITLES]) };
    }),
  };
}
