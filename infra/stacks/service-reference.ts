/**
 * How the stacks of webhooks and of the console find what they add to: by parameters that the service stack sets, in
 * place of exports, for the reasons that `table-reference.ts` gives. A stage with neither has none of them.
 */

import { Stack } from 'aws-cdk-lib';
import { HttpApi, type IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

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

/** The service's API as another stack adds to it. */
export interface ReferredService {
  readonly api: IHttpApi;
  /** Where the API is reached, without a slash at its end. */
  readonly address: string;
  readonly mailTopicArn?: string | undefined;
}

/** Reads them when the stack is deployed. */
export function referToService(scope: Construct, { name, alarms, domain }: Stage): ReferredService {
  const { apiId, mailTopicArn } = parameters(name);
  const read = (parameter: string) => StringParameter.valueForStringParameter(scope, parameter);
  const api = HttpApi.fromHttpApiAttributes(scope, 'api', { httpApiId: read(apiId) });
  const { region, urlSuffix } = Stack.of(scope);
  return {
    api,
    address: `https://${domain ? domain.name : `${api.apiId}.execute-api.${region}.${urlSuffix}`}`,
    ...(alarms.email !== undefined && { mailTopicArn: read(mailTopicArn) }),
  };
}
