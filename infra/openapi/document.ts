import packageJson from '../../package.json' with { type: 'json' };
import { endpoints, routesOf } from '../endpoints.ts';
import { gatewayError, sharedHeaders } from './answers.ts';
import { operationIdOf } from './operation-id.ts';
import { bookOperations } from './operations/books.ts';
import { callbackOperations } from './operations/callbacks.ts';
import { checkoutOperations } from './operations/checkout.ts';
import { deliveryOperations } from './operations/deliveries.ts';
import { orderOperations } from './operations/orders.ts';
import { shopOrderOperations } from './operations/shop-orders.ts';
import { acceptLanguage, tenantId } from './parameters.ts';
import { componentSchemas } from './schemas.ts';
import type { JsonObject, Operation, Operations } from './types.ts';
import { webhooks } from './webhooks.ts';

const operations: Operations = {
  ...shopOrderOperations,
  ...checkoutOperations,
  ...orderOperations,
  ...bookOperations,
  ...deliveryOperations,
  ...callbackOperations,
};

/**
 * The API as an OpenAPI 3.1 document: the table of endpoints, the schemas that validate, and what is told of each.
 * @throws Error when an endpoint is not told of, or something else is
 */
export function createOpenapiDocument(): JsonObject {
  const names = endpoints.map(({ name }) => name).sort();
  if (names.join() !== Object.keys(operations).sort().join()) {
    throw new Error('the operations are not those of infra/endpoints.ts');
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Settle',
      version: packageJson.version,
      description: packageJson.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'https://{host}',
        description: 'A stage on AWS: `ApiUrl` of its outputs',
        variables: { host: { default: 'pay.example.com' } },
      },
      { url: 'http://127.0.0.1:3000', description: '`npm start`' },
    ],
    tags: [
      { name: 'Mini-program orders', description: 'Of a shop, paid through WeChat Pay in a mini-program.' },
      { name: 'Tenants', description: 'Payment pages at any provider.' },
      { name: 'Orders', description: "All orders, a shop's and a tenant's, and what has become of them." },
      { name: 'Books', description: 'Refunds, the journal, and what did not fit an order.' },
      {
        name: 'Webhooks',
        description: 'What a shop is told of by itself, and what was sent. Where the stage has them.',
      },
      { name: 'Callbacks', description: 'For providers. Each message is authenticated before it is read.' },
    ],
    paths: paths(),
    webhooks: webhooks(),
    components: {
      schemas: componentSchemas(),
      parameters: { AcceptLanguage: acceptLanguage },
      headers: sharedHeaders,
      responses: { Gateway: gatewayError },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'Issued by your own login, with `sub`, `role` (`admin`; `viewer`, who may read what an admin may; or `user`) and, for an admin or viewer of one tenant only, `tenant_id`; of all tenants, `all_tenants: true` where the document `auth` asks for it. An operation names the least of roles that it needs.',
        },
      },
    },
  };
}

function paths(): Record<string, JsonObject> {
  const routes = endpoints.flatMap((endpoint) =>
    routesOf(endpoint).map((route) => ({
      ...route,
      operation: route.path === endpoint.path ? operationOf(endpoint.name) : tenantOperationOf(endpoint.name),
    })),
  );
  return Object.fromEntries(
    [...Map.groupBy(routes, ({ path }) => path)].map(([path, here]) => [
      path,
      Object.fromEntries(here.map(({ method, operation }) => [method.toLowerCase(), operation])),
    ]),
  );
}

function operationOf(name: string): JsonObject {
  const { [name]: told } = operations;
  if (!told) throw new Error(`nothing is told of ${name}`);
  const { role, description, parameters = [], responses, ...operation } = told;
  const callers = role === null ? undefined : callersOf[role];
  return {
    operationId: operationIdOf(name),
    ...operation,
    description: [callers, description].filter((part) => part !== undefined).join(' '),
    security: role === null ? [] : [{ token: role === 'anyone' ? [] : [role] }],
    parameters: role === null ? parameters : [...parameters, acceptLanguageReference],
    responses: { ...responses, default: { $ref: '#/components/responses/Gateway' } },
  };
}

const acceptLanguageReference = { $ref: '#/components/parameters/AcceptLanguage' };

const callersOf: Readonly<Record<NonNullable<Operation['role']>, string>> = {
  admin: 'For `role: admin`.',
  viewer: 'For `role: viewer` and `admin`.',
  user: 'For the user of the order.',
  anyone: 'For the user of the order, whatever the role.',
};

/** The same, for messages about the payments of a tenant's own merchant. */
function tenantOperationOf(name: string): JsonObject {
  const { summary, parameters = [], ...operation } = operationOf(name);
  return {
    ...operation,
    operationId: operationIdOf(`tenant-${name}`),
    summary: `${summary}, for a tenant's own merchant`,
    parameters: [tenantId, ...(parameters as readonly JsonObject[])],
  };
}
