/** The store refused a write in a way that the order does not explain: nothing is known to have happened. */
export class UnexpectedRefusalError extends Error {
  override readonly name = 'UnexpectedRefusalError';
}
