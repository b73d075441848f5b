import { RemovalPolicy } from 'aws-cdk-lib';
import { StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { indexDefinitions } from '../../lib/store/table.ts';
import { IndexedTable } from './indexed-table.ts';

/** The one table of payments. It outlives the stack: nothing but a person's own hand deletes what was booked. */
export class PaymentTable extends IndexedTable {
  constructor(scope: Construct, id: string, tableName: string) {
    super(scope, id, {
      tableName,
      indexes: indexDefinitions,
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** @throws Error when the table has no stream, which it always has */
  get streamArn(): string {
    if (!this.tableStreamArn) throw new Error('the table has no stream');
    return this.tableStreamArn;
  }
}
