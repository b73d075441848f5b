import { documentNames, type FunctionDefinition } from '../endpoints.ts';
import { functionEnvironment, type SystemAddresses } from './function-environment.ts';

/** Whoever runs commands against the local system: may read what they need. */
export const operator = {
  name: 'operator',
  documents: [...documentNames, 'former', 'tenants'],
  queue: ['SendMessage', 'GetQueueAttributes'],
  webhookQueue: ['GetQueueAttributes'],
  deliveries: ['GetItem', 'Query'],
  bus: true,
} as const satisfies Partial<FunctionDefinition>;

const variables = [
  'PUBLIC_URL',
  'TABLE_NAME',
  'QUEUE_URL',
  'WEBHOOK_QUEUE_URL',
  'DELIVERIES_TABLE',
  'EVENT_BUS_NAME',
  'WEBHOOK_LOOPBACK',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_ENDPOINT_URL_SQS',
  'AWS_ENDPOINT_URL_EVENTBRIDGE',
] as const;

export interface OperatedSystem extends SystemAddresses {
  /** Of word of what could not be published. */
  readonly failedBatchesUrl: string;
}

/** What a command such as `npm run reconcile` needs in its environment to reach the local system. */
export function operatorEnvironment(system: OperatedSystem): Readonly<Record<string, string>> {
  const environment = functionEnvironment(operator, system);
  return {
    ...Object.fromEntries(variables.map((name) => [name, environment[name] ?? ''])),
    FAILED_BATCHES_URL: system.failedBatchesUrl,
  };
}
