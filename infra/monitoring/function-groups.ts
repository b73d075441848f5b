import {
  consoleServer,
  deliveryRelease,
  digest,
  endpoints,
  eventPublisher,
  inStack,
  queueConsumer,
  reconciliationStart,
  streamConsumer,
  sweep,
  webhookDeliverer,
} from '../endpoints.ts';

/** Functions that are alike in who waits for them and in what their failing means. */
export interface FunctionGroup {
  readonly name: GroupName;
  readonly functions: readonly string[];
}

export type GroupName =
  | 'callbacks'
  | 'commands'
  | 'lookups'
  | 'announcements'
  | 'sweep'
  | 'reconcile'
  | 'daily'
  | 'events'
  | 'deliveries'
  | 'release'
  | 'webhook-requests'
  | 'console';

const names = (functions: readonly { readonly name: string }[]) => functions.map(({ name }) => name);
const ofService = inStack(endpoints);

/** Those of the service stack. */
export const functionGroups: readonly FunctionGroup[] = [
  { name: 'callbacks', functions: names(ofService.filter(({ callback }) => callback)) },
  {
    name: 'commands',
    functions: names(ofService.filter(({ callback, method }) => !callback && method !== 'GET')),
  },
  { name: 'lookups', functions: names(ofService.filter(({ method }) => method === 'GET')) },
  { name: 'announcements', functions: [streamConsumer.name] },
  { name: 'sweep', functions: [sweep.name] },
  { name: 'reconcile', functions: [queueConsumer.name] },
  { name: 'daily', functions: [reconciliationStart.name, digest.name] },
];

/** Those of the webhooks stack. */
export const webhookGroups: readonly FunctionGroup[] = [
  { name: 'events', functions: [eventPublisher.name] },
  { name: 'deliveries', functions: [webhookDeliverer.name] },
  { name: 'release', functions: [deliveryRelease.name] },
  { name: 'webhook-requests', functions: names(inStack(endpoints, 'webhooks')) },
];

/** That of the console's stack. */
export const consoleGroup: FunctionGroup = { name: 'console', functions: [consoleServer.name] };
