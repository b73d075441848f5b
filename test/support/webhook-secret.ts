/** A signing secret of Standard Webhooks; the same number gives the same one. */
export const webhookSecret = (number: number): string =>
  `whsec_${Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index * 7 + number)).toString('base64')}`;
