import { writeFileSync } from 'node:fs';
import { createClientTypes } from './client-types.ts';
import { createOpenapiDocument } from './document.ts';

/** Writes the API's document beside this file, and the types of its operations beside the client that calls them. */
const document = createOpenapiDocument();
writeFileSync(new URL('openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(
  new URL('../client/back-end-operations.ts', import.meta.url),
  await createClientTypes(document),
);
