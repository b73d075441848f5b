import { devNull } from 'node:os';
import type { FunctionDefinition } from '../endpoints.ts';
import { accessKeyFor } from './access-key.ts';

export interface SystemAddresses {
  readonly publicUrl: string;
  readonly dynamodbEndpoint: string;
  readonly secretsManagerEndpoint: string;
  readonly eventBridgeEndpoint: string;
  /** Of the days that are to be reconciled. */
  readonly queueUrl: string;
  /** Of what is to be delivered to webhooks. */
  readonly webhookQueueUrl: string;
  readonly tableName: string;
  readonly deliveriesTable: string;
  readonly busName: string;
  readonly stage: string;
  readonly orderPrefix?: string | undefined;
  /** Of the laboratory. */
  readonly consoleUrl: string;
  /** Where the people of the stage sign in; null where they bring a token. */
  readonly signIn: { readonly issuer: string; readonly clientId: string } | null;
}

type Definition = Pick<FunctionDefinition, 'name' | 'documents' | 'settings'> &
  Pick<FunctionDefinition, 'queue' | 'webhookQueue' | 'deliveries' | 'bus'>;

/** What Lambda and the stack put into a function's environment, and the addresses that stand in for AWS. */
export function functionEnvironment(
  { name, documents, queue, webhookQueue, deliveries, bus, settings = [] }: Definition,
  system: SystemAddresses,
): Record<string, string> {
  return {
    STAGE: system.stage,
    TABLE_NAME: system.tableName,
    PUBLIC_URL: system.publicUrl,
    ...(queue && { QUEUE_URL: system.queueUrl }),
    ...(webhookQueue && { WEBHOOK_QUEUE_URL: system.webhookQueueUrl }),
    ...((queue || webhookQueue) && { AWS_ENDPOINT_URL_SQS: new URL(system.queueUrl).origin }),
    ...(deliveries && { DELIVERIES_TABLE: system.deliveriesTable }),
    ...(bus && { EVENT_BUS_NAME: system.busName, AWS_ENDPOINT_URL_EVENTBRIDGE: system.eventBridgeEndpoint }),
    // Shops are here too, over plain HTTP.
    ...(documents.includes('webhooks') && { WEBHOOK_LOOPBACK: 'allowed' }),
    ...(system.orderPrefix !== undefined && { ORDER_PREFIX: system.orderPrefix }),
    ...(settings.includes('returnHosts') && { RETURN_URL_HOSTS: '127.0.0.1,localhost' }),
    ...(settings.includes('shipping') && { SHIPPING_WITHIN_HOURS: '24', MEAL_PICKUP: 'true' }),
    ...(settings.includes('signIn') && {
      LABORATORY_URL: system.consoleUrl,
      ...(system.signIn && {
        SIGN_IN_ISSUER: system.signIn.issuer,
        SIGN_IN_CLIENT_ID: system.signIn.clientId,
      }),
    }),
    ...localAws,
    AWS_ACCESS_KEY_ID: accessKeyFor(name),
    AWS_ENDPOINT_URL_DYNAMODB: system.dynamodbEndpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: system.secretsManagerEndpoint,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
  };
}

const localAws = {
  AWS_REGION: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // As on Lambda, nothing comes from a home directory.
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};
