import { randomBytes } from 'node:crypto';

const PLACEHOLDER = 'whsec_placeholder_';

/** 32 random bytes, as text that can be copied anywhere. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/**
 * Stands in a document for the signing secret of a webhook that is still to be made: nobody knows it, so that nothing
 * verifies under it.
 */
export const placeholderWebhookSecret = (): string => PLACEHOLDER + randomSecret();

export const isPlaceholder = (webhookSecret: string): boolean => webhookSecret.startsWith(PLACEHOLDER);
