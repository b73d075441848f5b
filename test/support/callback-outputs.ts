import { callbackOutput, endpoints } from '../../infra/endpoints.ts';

/** What a stack tells of the addresses that are entered at the providers. */
export const callbackOutputs = (apiUrl: string): Record<string, string> =>
  Object.fromEntries(
    endpoints
      .filter(({ callback }) => callback)
      .map((endpoint) => [callbackOutput(endpoint), apiUrl + endpoint.path]),
  );
