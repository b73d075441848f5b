import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A process that stands for DynamoDB and Secrets Manager and does as little as it can, so that what asks it spends
 * CPU time of its own only. Any write takes place; a secret is what it was started with. A GET gives the last write.
 */

const [secret = ''] = process.argv.slice(2);
let lastWrite = '';

const server = createServer(async (request, response) => {
  const body = await text(request);
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.setHeader('x-amzn-requestid', '00000000-0000-4000-8000-000000000000');
  if (request.method === 'GET') response.end(lastWrite);
  else if (String(request.headers['x-amz-target']).endsWith('.GetSecretValue')) {
    response.end(JSON.stringify({ SecretString: secret }));
  } else {
    lastWrite = body;
    response.end('{}');
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('disconnect', () => process.exit(0));
