/** An error of the output, which is not one of reading or redacting: marked so that nothing is withheld because of it. */
export class OutputFailure extends Error {}

export function isOfOutput(error: unknown): error is OutputFailure {
  return error instanceof OutputFailure;
}
