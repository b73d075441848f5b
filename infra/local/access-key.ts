import type { IncomingMessage } from 'node:http';

/**
 * The access key that a function signs its requests to AWS with: its own name, in place of its IAM role, so that what
 * answers knows who asks. DynamoDB Local takes letters and digits only: `pay-mall-order` is `payMallOrder`.
 */
export const accessKeyFor = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The name of the function that signed the request. */
export const callerOf = ({ headers }: IncomingMessage): string | undefined =>
  /Credential=([^/,]+)\//
    .exec(headers.authorization ?? '')?.[1]
    ?.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
