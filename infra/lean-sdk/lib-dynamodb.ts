import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type * as sdk from '@aws-sdk/lib-dynamodb';
import { convertToAttr, convertToNative, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import type { AwsOutput } from './aws-json.ts';
import type { DynamoDBClient } from './client-dynamodb.ts';

type Fields = Readonly<Record<string, unknown>>;

abstract class DocumentCommand<Input> {
  abstract readonly operation: string;
  readonly input: Input;

  constructor(input: Input) {
    this.input = input;
  }
}

export class GetCommand extends DocumentCommand<sdk.GetCommandInput> {
  readonly operation = 'GetItem';
}
export class PutCommand extends DocumentCommand<sdk.PutCommandInput> {
  readonly operation = 'PutItem';
}
export class UpdateCommand extends DocumentCommand<sdk.UpdateCommandInput> {
  readonly operation = 'UpdateItem';
}
export class QueryCommand extends DocumentCommand<sdk.QueryCommandInput> {
  readonly operation = 'Query';
}
export class TransactWriteCommand extends DocumentCommand<sdk.TransactWriteCommandInput> {
  readonly operation = 'TransactWriteItems';
}

/** In place of the SDK's client of this name: the commands above, with attributes as JavaScript has them. */
export class DynamoDBDocumentClient {
  readonly #client: DynamoDBClient;

  constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  static from(client: DynamoDBClient): DynamoDBDocumentClient {
    return new DynamoDBDocumentClient(client);
  }

  async send(
    { operation, input }: DocumentCommand<unknown>,
    { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
  ): Promise<Fields> {
    return toNative(await this.#client.call(operation, toWire(input as Fields), abortSignal));
  }
}

/** The members that hold attributes by name, wherever in a request they are. */
const attributeMembers = new Set(['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey']);

function toWire(members: Fields): Fields {
  return mapValues(members, (value, name) => {
    if (attributeMembers.has(name)) return mapValues(value as Fields, (attribute) => toAttribute(attribute));
    if (name === 'TransactItems') return (value as Fields[]).map(toWire);
    return operationMembers.has(name) ? toWire(value as Fields) : value;
  });
}

/** The parts of a transaction. */
const operationMembers = new Set(['ConditionCheck', 'Put', 'Delete', 'Update']);

function toNative({ Item, Attributes, LastEvaluatedKey, Items, ...others }: AwsOutput): Fields {
  const single = mapValues({ Item, Attributes, LastEvaluatedKey }, (item) => toNativeItem(item));
  return {
    ...others,
    ...single,
    ...(Items !== undefined && { Items: (Items as unknown[]).map(toNativeItem) }),
  };
}

const toAttribute = (value: unknown) =>
  convertToAttr(value as NativeAttributeValue, { convertTopLevelContainer: true });
const toNativeItem = (item: unknown) =>
  mapValues(item as Fields, (attribute) => convertToNative(attribute as AttributeValue));

/** Members that are undefined are left out, as the SDK does. */
function mapValues(members: Fields, change: (value: unknown, name: string) => unknown): Fields {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, change(value, name)]],
    ),
  );
}
