import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { deliveryIndexes } from '../../lib/store/delivery-table.ts';
import { IndexedTable } from './indexed-table.ts';

export interface DeliveryTableProps {
  readonly tableName: string;
  /** It outlives its stack, and nothing but a person's own hand deletes it. */
  readonly protected: boolean;
}

/** What was sent to webhooks and what is still to be sent, for 30 days each. */
export class DeliveryTable extends IndexedTable {
  constructor(scope: Construct, id: string, { tableName, protected: isProtected }: DeliveryTableProps) {
    super(scope, id, {
      tableName,
      indexes: Object.values(deliveryIndexes),
      deletionProtection: isProtected,
      removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason:
        'What happened is in the table of payments: from it, the events of any period are published again',
    });
  }
}
