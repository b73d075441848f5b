import { documentNames, type FunctionDefinition } from '../endpoints.ts';
import { localVariables } from '../operate/local-stage.ts';
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

export interface OperatedSystem extends SystemAddresses {
  /** Of word of what could not be published. */
  readonly failedBatchesUrl: string;
}

/** What a command such as `npm run reconcile` needs in its environment to reach the local system. */
export function operatorEnvironment(system: OperatedSystem): Readonly<Record<string, string>> {
  const environment: Readonly<Record<string, string>> = {
    ...functionEnvironment(operator, system),
    FAILED_BATCHES_URL: system.failedBatchesUrl,
  };
  return Object.fromEntries(localVariables.map((name) => [name, environment[name] ?? '']));
}
