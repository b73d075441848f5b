/**
 * How the service stack finds the table: by a name that both stacks know, and a parameter for the one thing that
 * AWS makes up, the stream's ARN. An export would be simpler and locks both: CloudFormation lets nobody change or
 * replace what another stack imports, so that a change of the stream could not be deployed at all. With a name of
 * its own a table cannot be replaced by CloudFormation either, only changed.
 */

import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { tableName } from './table-name.ts';

export const streamArnParameter = (stage: string): string => `/settle/${stage}/table-stream-arn`;

/** The table as its name and its stream, without the stack that owns it. */
export function referToTable(scope: Construct, id: string, stage: string): ITable {
  return Table.fromTableAttributes(scope, id, {
    tableName: tableName(stage),
    tableStreamArn: StringParameter.valueForStringParameter(scope, streamArnParameter(stage)),
  });
}
