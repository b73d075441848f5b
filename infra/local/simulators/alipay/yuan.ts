/** How Alipay writes amounts. */
export const YUAN = { digits: 2, step: 1 } as const;
