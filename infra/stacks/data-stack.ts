import { CfnOutput, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { PaymentTable } from '../constructs/payment-table.ts';
import type { Stage } from '../stages.ts';
import { stackProps } from './stack-props.ts';
import { tableName } from './table-name.ts';
import { streamArnParameter } from './table-reference.ts';

/**
 * What must not be lost, apart from what can be replaced: the table of a stage. Deleting this stack leaves the table
 * where it is, and `cdk deploy --import-existing-resources` takes it on again, by its name.
 */
export class DataStack extends Stack {
  constructor(scope: Construct, stage: Stage) {
    super(scope, `settle-${stage.name}-data`, {
      ...stackProps(stage, 'data'),
      terminationProtection: stage.protected,
    });
    const table = new PaymentTable(this, 'table', tableName(stage.name));
    new StringParameter(this, 'stream-arn', {
      parameterName: streamArnParameter(stage.name),
      stringValue: table.streamArn,
    });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}
