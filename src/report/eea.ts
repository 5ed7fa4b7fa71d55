/** The European Economic Area: the member states of the EU, and Iceland, Liechtenstein and Norway (ISO 3166-1). */
const EEA = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
);

/** False where no country is told: nothing is known of it then. */
export function isOutsideEea(country: string | undefined): boolean {
  return country !== undefined && !EEA.has(country);
}
