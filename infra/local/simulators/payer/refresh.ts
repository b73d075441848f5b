/** The header `Refresh` of a page that leads to another address at once. */
export const refreshTo = (address: string): string => `0; url=${address}`;

/** Where a page leads at once; null for one that shows itself. */
export const leadsTo = ({ headers }: Response): string | null =>
  /^0; url=(.+)$/.exec(headers.get('refresh') ?? '')?.[1] ?? null;
