export type StripeMode = 'live' | 'test';

/** A merchant: Stripe's messages name it by account and mode, each side of an account having books of its own. */
export const stripeMerchant = (account: string, mode: StripeMode): string => `${account}.${mode}`;

/** The number of an account at Stripe. */
export const STRIPE_ACCOUNT = /^acct_[0-9A-Za-z]{8,64}$/;
