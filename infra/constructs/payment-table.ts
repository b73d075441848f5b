import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type GlobalSecondaryIndexProps,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import {
  type IndexDefinition,
  indexDefinitions,
  partitionKey,
  sortKey,
  timeToLiveAttribute,
} from '../../lib/store/table.ts';

/** The one table. It outlives the stack: nothing but a person's own hand deletes what was booked. */
export class PaymentTable extends Table {
  constructor(scope: Construct, id: string, tableName: string) {
    super(scope, id, {
      tableName,
      ...keys(partitionKey, sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const index of indexDefinitions) {
      this.addGlobalSecondaryIndex({
        indexName: index.name,
        ...keys(index.partitionKey, index.sortKey),
        ...projectionOf(index),
      });
    }
  }

  /** @throws Error when the table has no stream, which it always has */
  get streamArn(): string {
    if (!this.tableStreamArn) throw new Error('the table has no stream');
    return this.tableStreamArn;
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
