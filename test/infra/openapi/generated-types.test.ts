import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

/** What a user makes of the document with `openapi-typescript` as it comes, and writes against that. */

const directory = createTemporaryDirectory('settle-generated-types-');
const bin = (name: string) => join('node_modules/.bin', name);

const compilerOptions = {
  ...{ target: 'es2022', lib: ['es2022'], types: [], module: 'nodenext', noEmit: true },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  allowImportingTsExtensions: true,
};

afterAll(() => directory.remove());

const preamble = `
import type { components, operations, paths, webhooks } from './settle.ts';
type Schemas = components['schemas'];
type BodyOf<Id extends keyof operations> =
  operations[Id] extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : never;
`;

const sound = {
  'a body without what has a default': `
    export const body: BodyOf<'createCheckout'> = { tenant_id: 7, amount: 19.99, provider: 'wechat' };`,
  'parameters that may be left out': `
    export const none: operations['listExceptions']['parameters']['query'] = {};
    export const limited: paths['/api/pay/orders']['get']['parameters']['query'] = { kind: 'mall', limit: 10 };`,
  'what is replied': `
    type Reply = operations['createRefund']['responses'][200 | 202]['content']['application/json'];
    export const decided = ({ data }: Reply): string | null => data.decided_at;`,
  'the items of a history by their types': `
    export function amountOf(item: Schemas['HistoryItem']): string | null {
      switch (item.type) {
        case 'payment': return item.current ? item.refundable_amount : null;
        case 'refund': return item.requested_by;
        case 'exception': return item.resolutions[0] ?? null;
        default: return item.at;
      }
    }`,
  'the words of an error': `
    type Refused = operations['createRefund']['responses'][409];
    export const isDone = ({ headers }: Refused): boolean => headers['settle-error'] === 'nothing_to_refund';
    export const known: Schemas['ErrorWord'] = 'key_reused';
    export const fields = ({ headers }: Refused): string[] => headers['settle-error-field']?.split(', ') ?? [];`,
  'both forms of errors, and a table': `
    export const text = (error: Schemas['PayError'] | Schemas['V2Error']): string =>
      'msg' in error ? error.msg : error.message;
    type Table = operations['listOrders']['responses'][200]['content']['text/csv'];
    export const rows = (table: Table): string[] => table.split('\\r\\n');`,
  'the body of a webhook': `
    type Paid = webhooks['order.paid']['post']['requestBody']['content']['application/json'];
    export const paid = ({ data }: Paid): string => data.order_no;`,
};

const wrong = {
  'a provider that there is not': `
    export const body: BodyOf<'createCheckout'> = { tenant_id: 7, amount: 1, provider: 'paypal' };`,
  'a refund of no order': `export const body: BodyOf<'createRefund'> = { reason: '缺货' };`,
  'a misspelt field': `
    export const body: BodyOf<'createRefund'> = { order_no: 'mall-1', reason: '缺货', amout: 5 };`,
  'a word that there is not': `export const word: Schemas['ErrorWord'] = 'order_lost';`,
  'a word that the operation never says': `
    type Refused = operations['createRefund']['responses'][409];
    export const isLost = ({ headers }: Refused) => headers['settle-error'] === 'exception_not_found';`,
};

beforeAll(() => {
  const write = (file: string, text: string) => writeFileSync(join(directory.path, file), text);
  execFileSync(bin('openapi-typescript'), [
    ...['infra/openapi/openapi.json', '--output', join(directory.path, 'settle.ts')],
  ]);
  const uses = [...Object.values(sound), ...Object.values(wrong)].map((code, index) => {
    write(`use-${index}.ts`, preamble + code);
    return `use-${index}.ts`;
  });
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['settle.ts', ...uses] }));
  write('package.json', '{"type":"module"}');
});

// TypeScript 7, and the one before it with what it took over from 5.
it.each(['tsc', 'tsc6'])('allow with %s what is sound, and refuse what is not', (compiler) => {
  const { stdout, error } = spawnSync(bin(compiler), ['-p', directory.path, '--pretty', 'false'], {
    encoding: 'utf8',
  });
  expect(error).toBeUndefined();
  const places = Array.from(stdout.matchAll(/^\S*?([\w-]+)\.ts\(\d+,\d+\): error/gm), ([, file]) => file);
  const all = [...Object.keys(sound), ...Object.keys(wrong)];
  const refused = all.filter((_, index) => places.includes(`use-${index}`));
  expect({ refused, places: places.filter((file) => file === 'settle') }).toEqual({
    refused: Object.keys(wrong),
    places: [],
  });
});
