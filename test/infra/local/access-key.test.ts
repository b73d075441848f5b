import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { functions } from '../../../infra/endpoints.ts';
import { accessKeyFor, callerOf } from '../../../infra/local/access-key.ts';

const signedWith = (accessKey: string) =>
  ({
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/20261122/local/dynamodb/aws4_request`,
    },
  }) as IncomingMessage;

it.each(functions.map(({ name }) => name))(
  'DynamoDB Local takes the access key of %s, which names it',
  (name) => {
    const accessKey = accessKeyFor(name);
    expect(accessKey).toMatch(/^[A-Za-z0-9]+$/);
    expect(callerOf(signedWith(accessKey))).toBe(name);
  },
);
