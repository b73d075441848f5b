/** Whether the store refused what the code took for allowed. By name: the store's errors are not known here. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'UnexpectedRefusalError';
