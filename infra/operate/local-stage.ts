import * as z from 'zod/mini';
import type { Io } from '../../lib/io.ts';
import { UsageError } from '../command/command.ts';
import type { Stage } from '../stages.ts';

/** What a command needs in its environment to reach the system that `npm start` runs. */
export const localVariables = [
  ...['PUBLIC_URL', 'TABLE_NAME', 'QUEUE_URL', 'WEBHOOK_QUEUE_URL', 'DELIVERIES_TABLE', 'EVENT_BUS_NAME'],
  ...['WEBHOOK_LOOPBACK', 'FAILED_BATCHES_URL'],
  ...['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  ...['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL_SQS'],
  'AWS_ENDPOINT_URL_EVENTBRIDGE',
] as const;

/** Where the local system tells it. */
const localVariablesPath = '/operator/environment';

const told = z.record(z.enum(localVariables), z.string());

/** Where it is unless CONSOLE_PORT says otherwise. */
export const usualConsolePort = '3001';

/**
 * Puts into `variables` what it takes to reach a stage: of the local one what the running system says, unless it is
 * there; of others the region of the stage, which goes before that of the environment.
 * @throws UsageError when no local system runs where CONSOLE_PORT says
 */
export async function reachStage(
  { name, region }: Stage,
  variables: NodeJS.ProcessEnv,
  { fetch }: Pick<Io, 'fetch'>,
): Promise<void> {
  // The SDK's clients take it from the environment.
  if (region !== undefined) variables['AWS_REGION'] = region;
  if (name !== 'local' || variables['AWS_ENDPOINT_URL_DYNAMODB']) return;
  const address = `http://127.0.0.1:${variables['CONSOLE_PORT'] || usualConsolePort}`;
  try {
    const response = await fetch(`${address}${localVariablesPath}`);
    Object.assign(variables, told.parse(await response.json()));
  } catch (cause) {
    const problem = `npm start does not run at ${address}; CONSOLE_PORT says where it does`;
    throw new UsageError(`--stage local: ${problem}`, { cause });
  }
}
