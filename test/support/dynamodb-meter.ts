import {
  DescribeTableCommand,
  type DescribeTableCommandOutput,
  DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { callerOf } from '../../infra/local/access-key.ts';
import { readBody, serve } from '../../infra/local/http.ts';
import { tenantsPartition } from '../../lib/store/keys.ts';
import {
  type AttributeMap,
  type ItemWrite,
  readUnits,
  type TableLayout,
  totalOf,
  writeUnits,
} from './capacity.ts';

/** One item that a request named to be written. */
export interface MeteredWrite extends ItemWrite {
  readonly layout: TableLayout;
  readonly key: AttributeMap;
}

/** One request on the table. */
export interface MeteredRequest {
  readonly action: string;
  /** The function that sent it, by its access key. */
  readonly caller: string;
  readonly writes: readonly MeteredWrite[];
  /** Whether it reads the register of tenants, which an execution environment does once a minute. */
  readonly ofRegister: boolean;
  readonly readUnits: number;
  /** What the engine itself says that the request cost; null where it refused it, as DynamoDB says nothing then. */
  readonly engineUnits: number | null;
}

export interface DynamodbMeter {
  readonly url: string;
  /** The requests since the last reset, in the order in which they took effect. */
  readonly requests: readonly MeteredRequest[];
  reset(): void;
  stop(): Promise<void>;
}

/**
 * Stands between the functions and DynamoDB, lets one request through at a time, and keeps what each of its items was
 * before and after: from these follow the units, of any layout of the indexes.
 */
export async function startDynamodbMeter(endpoint: string): Promise<DynamodbMeter> {
  const credentials = { accessKeyId: 'meter', secretAccessKey: 'meter' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  const requests: MeteredRequest[] = [];
  const layoutOf = createLayoutReader(client);
  let last: Promise<unknown> = Promise.resolve();

  const server = await serve(async (request, response) => {
    const body = (await readBody(request, Number.POSITIVE_INFINITY)) ?? Buffer.alloc(0);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name)),
    ) as Record<string, string>;
    const pass = (text: string) => fetch(endpoint, { method: 'POST', headers, body: text });
    const [service, action = ''] = String(headers['x-amz-target']).split('.');
    const turn = last.then(async () => {
      const isMetered = service === 'DynamoDB_20120810' && action in namedItems;
      const answer = isMetered
        ? await meter({ client, layoutOf, pass }, action as Action, body.toString(), (metered) => {
            const ofRegister = body.includes(JSON.stringify({ S: tenantsPartition }));
            requests.push({ caller: callerOf(request) ?? '', ofRegister, ...metered });
          })
        : await passOn(body.toString(), pass);
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.text);
    });
    last = turn.catch(() => request.socket.destroy());
    await last;
  });

  return {
    url: server.url,
    requests,
    reset: () => {
      requests.length = 0;
    },
    stop: async () => {
      await server.stop();
      client.destroy();
    },
  };
}

interface Target {
  readonly TableName: string;
  readonly Key?: AttributeMap;
  readonly Item?: AttributeMap;
}

type Body = Target & {
  readonly ConsistentRead?: boolean;
  readonly TransactItems?: readonly Readonly<Record<string, Target>>[];
};

/** The items that a request of each action names to be written. */
const namedItems = {
  GetItem: () => [],
  Query: () => [],
  PutItem: (body: Body) => [body],
  UpdateItem: (body: Body) => [body],
  DeleteItem: (body: Body) => [body],
  TransactWriteItems: ({ TransactItems = [] }: Body) => TransactItems.flatMap((part) => Object.values(part)),
} as const satisfies Record<string, (body: Body) => Target[]>;
type Action = keyof typeof namedItems;

type Pass = (text: string) => Promise<Response>;

async function passOn(text: string, pass: Pass) {
  const answer = await pass(text);
  return { status: answer.status, text: await answer.text() };
}

interface Parts {
  readonly client: DynamoDBClient;
  readonly layoutOf: (tableName: string) => Promise<TableLayout>;
  readonly pass: Pass;
}

async function meter(
  { client, layoutOf, pass }: Parts,
  action: Action,
  text: string,
  record: (request: Omit<MeteredRequest, 'caller' | 'ofRegister'>) => void,
) {
  const body = JSON.parse(text) as Body;
  const targets = await Promise.all(
    namedItems[action](body).map(async ({ TableName, Key, Item = {} }: Target) => {
      const layout = await layoutOf(TableName);
      return { TableName, layout, key: Key ?? keyOf(layout, Item) };
    }),
  );
  const read = () => Promise.all(targets.map((target) => readItem(client, target)));
  const before = await read();
  const answer = await passOn(JSON.stringify({ ...body, ReturnConsumedCapacity: 'INDEXES' }), pass);
  const after = await read();
  const transactional = action === 'TransactWriteItems';
  const reply = JSON.parse(answer.text) as Reply;
  record({
    action,
    writes: targets.map(({ layout, key }, index) => ({
      layout,
      key,
      before: before[index],
      after: after[index],
      transactional,
    })),
    readUnits: action in readItems ? readUnitsOf(action as keyof typeof readItems, body, reply) : 0,
    engineUnits: answer.status === 200 ? engineUnitsOf(reply) : null,
  });
  return answer;
}

interface Consumed {
  readonly CapacityUnits?: number;
}

interface Reply {
  readonly Item?: AttributeMap;
  readonly Items?: readonly AttributeMap[];
  readonly ConsumedCapacity?: Consumed | readonly Consumed[];
}

const readItems = {
  GetItem: ({ Item }: Reply) => (Item ? [Item] : []),
  Query: ({ Items = [] }: Reply) => Items,
} as const;

const readUnitsOf = (action: keyof typeof readItems, { ConsistentRead = false }: Body, reply: Reply) =>
  readUnits(readItems[action](reply), { consistent: ConsistentRead });

function engineUnitsOf({ ConsumedCapacity = [] }: Reply): number {
  return [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

const keyOf = ({ keys }: TableLayout, item: AttributeMap): AttributeMap =>
  Object.fromEntries(Object.entries(item).filter(([name]) => keys.includes(name)));

async function readItem(
  client: DynamoDBClient,
  { TableName, key }: { readonly TableName: string; readonly key: AttributeMap },
): Promise<AttributeMap | undefined> {
  return (await client.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }))).Item;
}

function createLayoutReader(client: DynamoDBClient): Parts['layoutOf'] {
  const layouts = new Map<string, Promise<TableLayout>>();
  return (TableName) => {
    const layout =
      layouts.get(TableName) ?? client.send(new DescribeTableCommand({ TableName })).then(toLayout);
    layouts.set(TableName, layout);
    return layout;
  };
}

function toLayout({ Table: { KeySchema, GlobalSecondaryIndexes = [] } = {} }: DescribeTableCommandOutput) {
  const names = (schema: typeof KeySchema = []) => schema.map(({ AttributeName = '' }) => AttributeName);
  return {
    keys: names(KeySchema),
    indexes: GlobalSecondaryIndexes.map(({ IndexName: name = '', KeySchema: schema, Projection }) => {
      const [partitionKey = '', sortKey = ''] = names(schema);
      const isWhole = Projection?.ProjectionType === 'ALL';
      return {
        name,
        partitionKey,
        sortKey,
        projected: isWhole ? 'all' : (Projection?.NonKeyAttributes ?? []),
      };
    }),
  } satisfies TableLayout;
}

/** Write units of a request, indexes included. */
export const writeUnitsOf = ({ writes }: MeteredRequest): number =>
  writes.reduce((sum, write) => sum + totalOf(writeUnits(write.layout, write)), 0);
