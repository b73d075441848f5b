import { writeFileSync } from 'node:fs';
import { createOpenapiDocument } from './document.ts';

/** Writes the API's document beside this file. */
writeFileSync(
  new URL('openapi.json', import.meta.url),
  `${JSON.stringify(createOpenapiDocument(), null, 2)}\n`,
);
