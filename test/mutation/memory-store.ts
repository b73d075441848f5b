import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { systemIo } from '../../lib/io.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { deliveryIndexes } from '../../lib/store/delivery-table.ts';
import { itemOf } from '../support/items.ts';
import type { TestStore } from '../support/store.ts';
import { storeError } from '../world/table/errors.ts';
import { createMemoryTable, type MemoryTable } from '../world/table/memory-table.ts';

export type { Item, TestStore } from '../support/store.ts';

const TableName = 'settle-test';

/** Takes the place of `test/support/store.ts`: tables in memory, which need no process and no port. */
export function useStore(): TestStore {
  const table = createMemoryTable(systemIo.now, () => {});
  const tables = new Map<string, MemoryTable>([[TableName, table]]);
  const items = () =>
    table
      .items()
      .toSorted((one, other) => (`${one['pk']} ${one['sk']}` < `${other['pk']} ${other['sk']}` ? -1 : 1));
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const context: StoreContext = {
    client: Object.assign(client, { send: async (command: Command) => answerOf(tables, command) }),
    tableName: TableName,
    io: systemIo,
  };
  return {
    context,
    items: async (order_no) =>
      items().filter(({ pk }) => order_no === undefined || pk === `ORDER#${order_no}`),
    async put(...puts) {
      for (const one of puts) table.execute(new PutCommand({ TableName, Item: itemOf(one) }));
    },
  };
}

interface Command {
  readonly input: { readonly TableName?: string | undefined };
}

function answerOf(tables: Map<string, MemoryTable>, command: Command): object {
  const name = command.input.TableName ?? TableName;
  if (command instanceof CreateTableCommand) {
    const created = createMemoryTable(systemIo.now, () => {}, Object.values(deliveryIndexes));
    tables.set(name, created);
    return {};
  }
  if (command instanceof DescribeTableCommand) return { Table: { TableStatus: 'ACTIVE' } };
  if (command instanceof BatchWriteCommand) {
    for (const [TableName, requests] of Object.entries(command.input.RequestItems ?? {})) {
      for (const { PutRequest, DeleteRequest } of requests) {
        if (PutRequest) answerOf(tables, new PutCommand({ TableName, Item: PutRequest.Item }));
        if (DeleteRequest) answerOf(tables, new DeleteCommand({ TableName, Key: DeleteRequest.Key }));
      }
    }
    return {};
  }
  try {
    const table = tables.get(name);
    if (!table) throw new Error('there is no such table');
    return table.execute(command);
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) throw error;
    // What a mutant made of a request is refused for good: it would be repeated otherwise, until its deadline.
    throw storeError('ValidationException', 400, { message: String(error) });
  }
}
