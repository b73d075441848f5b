import {
  AttributeType,
  BillingMode,
  type GlobalSecondaryIndexProps,
  ProjectionType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type IndexDefinition, partitionKey, sortKey, timeToLiveAttribute } from '../../lib/store/table.ts';

export interface IndexedTableProps extends Omit<TableProps, 'partitionKey' | 'sortKey'> {
  readonly indexes: readonly IndexDefinition[];
}

/** A table with the keys and the indexes that the code knows it by, paid by request. */
export class IndexedTable extends Table {
  constructor(scope: Construct, id: string, { indexes, ...props }: IndexedTableProps) {
    super(scope, id, {
      ...props,
      ...keys(partitionKey, sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute,
    });
    for (const index of indexes) {
      this.addGlobalSecondaryIndex({
        indexName: index.name,
        ...keys(index.partitionKey, index.sortKey),
        ...projectionOf(index),
      });
    }
  }
}

function projectionOf({ attributes }: IndexDefinition): Partial<GlobalSecondaryIndexProps> {
  if (!attributes) return { projectionType: ProjectionType.ALL };
  return attributes.length === 0
    ? { projectionType: ProjectionType.KEYS_ONLY }
    : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...attributes] };
}

function keys(partition: string, sort: string): Required<Pick<TableProps, 'partitionKey' | 'sortKey'>> {
  return {
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
  };
}
