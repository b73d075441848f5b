/**
 * How the webhooks stack finds what it adds to: by parameters that the service stack sets, in place of exports, for the
 * reasons that `table-reference.ts` gives. A stage without webhooks has none of them.
 */

import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

/** Of the service stack's things, what AWS makes up. */
export interface ServiceReference {
  readonly apiId: string;
  /** Of the topic that sends mail, in a stage whose alarms do. */
  readonly mailTopicArn?: string | undefined;
}

const parameters = (stage: string) => ({
  apiId: `/settle/${stage}/api-id`,
  mailTopicArn: `/settle/${stage}/mail-topic-arn`,
});

/** Sets the parameters. */
export function publishService(scope: Construct, stage: string, service: ServiceReference): void {
  const { apiId, mailTopicArn } = parameters(stage);
  new StringParameter(scope, 'api-id', { parameterName: apiId, stringValue: service.apiId });
  if (service.mailTopicArn) {
    new StringParameter(scope, 'mail-topic-arn', {
      parameterName: mailTopicArn,
      stringValue: service.mailTopicArn,
    });
  }
}

/** Reads them when the stack is deployed. @param sendsMail whether the stage's alarms do */
export function referToService(scope: Construct, stage: string, sendsMail: boolean): ServiceReference {
  const { apiId, mailTopicArn } = parameters(stage);
  const read = (name: string) => StringParameter.valueForStringParameter(scope, name);
  return { apiId: read(apiId), ...(sendsMail && { mailTopicArn: read(mailTopicArn) }) };
}
