import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { systemIo } from '../../lib/io.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { itemOf } from '../support/items.ts';
import type { TestStore } from '../support/store.ts';
import { storeError } from '../world/table/errors.ts';
import { createMemoryTable } from '../world/table/memory-table.ts';

export type { Item, TestStore } from '../support/store.ts';

const TableName = 'settle-test';

/** Takes the place of `test/support/store.ts`: a table in memory, which needs no process and no port. */
export function useStore(): TestStore {
  const table = createMemoryTable(systemIo.now, () => {});
  const items = () =>
    table
      .items()
      .toSorted((one, other) => (`${one['pk']} ${one['sk']}` < `${other['pk']} ${other['sk']}` ? -1 : 1));
  const put = (Item: Record<string, unknown> | undefined) =>
    table.execute(new PutCommand({ TableName, Item }));
  const execute = (command: object): object => {
    try {
      return table.execute(command);
    } catch (error) {
      if (error instanceof Error && '$metadata' in error) throw error;
      // What a mutant made of a request is refused for good: it would be repeated otherwise, until its deadline.
      throw storeError('ValidationException', 400, { message: String(error) });
    }
  };
  const send = async (command: object): Promise<object> => {
    if (command instanceof ScanCommand && !command.input.FilterExpression) return { Items: items() };
    if (!(command instanceof BatchWriteCommand)) return execute(command);
    const requests = Object.values(command.input.RequestItems ?? {}).flat();
    for (const { PutRequest } of requests) put(PutRequest?.Item);
    return {};
  };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const context: StoreContext = {
    client: Object.assign(client, { send }),
    tableName: TableName,
    io: systemIo,
  };
  return {
    context,
    items: async (order_no) =>
      items().filter(({ pk }) => order_no === undefined || pk === `ORDER#${order_no}`),
    async put(...puts) {
      for (const one of puts) put(itemOf(one));
    },
  };
}
