import type { IncomingMessage } from 'node:http';

/** The access key that a request to AWS is signed with: a function's own name here, in place of its IAM role. */
export const accessKeyOf = ({ headers }: IncomingMessage): string | undefined =>
  /Credential=([^/,]+)\//.exec(headers.authorization ?? '')?.[1];
