import { documentNames, type FunctionDefinition } from '../endpoints.ts';
import { functionEnvironment, type SystemAddresses } from './function-environment.ts';

/** Whoever runs commands against the local system: may read what they need. */
export const operator: Pick<FunctionDefinition, 'name' | 'documents' | 'queue'> = {
  name: 'operator',
  documents: [...documentNames, 'former', 'tenants'],
  queue: ['SendMessage', 'GetQueueAttributes'],
};

const variables = [
  'PUBLIC_URL',
  'TABLE_NAME',
  'QUEUE_URL',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_ENDPOINT_URL_SQS',
] as const;

/** What a command such as `npm run reconcile` needs in its environment to reach the local system. */
export function operatorEnvironment(system: SystemAddresses): Readonly<Record<string, string>> {
  const environment = functionEnvironment(operator, system);
  return Object.fromEntries(variables.map((name) => [name, environment[name] ?? '']));
}
