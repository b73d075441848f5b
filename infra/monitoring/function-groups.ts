import {
  digest,
  endpoints,
  queueConsumer,
  reconciliationStart,
  streamConsumer,
  sweep,
} from '../endpoints.ts';

/** Functions that are alike in who waits for them and in what their failing means. */
export interface FunctionGroup {
  readonly name: 'callbacks' | 'commands' | 'lookups' | 'announcements' | 'sweep' | 'reconcile' | 'daily';
  readonly functions: readonly string[];
}

const names = (functions: readonly { readonly name: string }[]) => functions.map(({ name }) => name);

export const functionGroups: readonly FunctionGroup[] = [
  { name: 'callbacks', functions: names(endpoints.filter(({ callback }) => callback)) },
  {
    name: 'commands',
    functions: names(endpoints.filter(({ callback, method }) => !callback && method !== 'GET')),
  },
  { name: 'lookups', functions: names(endpoints.filter(({ method }) => method === 'GET')) },
  { name: 'announcements', functions: [streamConsumer.name] },
  { name: 'sweep', functions: [sweep.name] },
  { name: 'reconcile', functions: [queueConsumer.name] },
  { name: 'daily', functions: [reconciliationStart.name, digest.name] },
];
