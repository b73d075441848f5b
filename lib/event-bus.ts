import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { awsClientConfig } from './aws-client.ts';
import type { PutEvents } from './domain-events/publish.ts';

/** The variable that names the stage's bus. */
const EVENT_BUS_NAME = 'EVENT_BUS_NAME';

/** By which rules tell this system's events from others'. */
export const EVENT_SOURCE = 'settle';

/** The bus that the stack names. @throws Error when it names none */
export function createEventBus(variables: NodeJS.ProcessEnv = process.env): PutEvents {
  const { [EVENT_BUS_NAME]: EventBusName } = variables;
  if (!EventBusName) throw new Error(`environment variable ${EVENT_BUS_NAME} is missing`);
  const client = new EventBridgeClient(
    awsClientConfig('eventbridge', { maxAttempts: 3, requestTimeout: 3_000 }),
  );
  return async (events) => {
    const command = new PutEventsCommand({
      Entries: events.map((event) => ({
        EventBusName,
        Source: EVENT_SOURCE,
        DetailType: event.type,
        Time: new Date(event.timestamp),
        Detail: JSON.stringify(event),
      })),
    });
    const { Entries = [] } = await client.send(command);
    return events.map((_, index) => Entries[index]?.EventId !== undefined);
  };
}
