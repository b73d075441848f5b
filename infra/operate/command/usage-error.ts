/** A call that cannot be carried out as it is written; the message names the option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
