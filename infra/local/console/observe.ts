import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type DomainEvent, domainEventData } from '../../../lib/domain-events/domain-event.ts';
import { EVENT_SOURCE } from '../../../lib/event-bus.ts';
import type { LocalEventBus } from '../event-bus/bus.ts';
import type { Journal } from './journal.ts';

type Invoke = (functionName: string, event: APIGatewayProxyEventV2) => Promise<unknown>;

/** The same invocation, written down with what it came to. */
export function observed(invoke: Invoke, journal: Journal, now: () => number): Invoke {
  return async (functionName, event) => {
    const started = now();
    const note = (status: number | null, answer: string) =>
      journal.add({
        type: 'request',
        request_id: event.requestContext.requestId,
        function: functionName,
        method: event.requestContext.http.method,
        target: event.rawPath + (event.rawQueryString && `?${event.rawQueryString}`),
        headers: headersOf(event),
        body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
        status,
        answer,
        started_at: new Date(started).toISOString(),
        duration_ms: now() - started,
      });
    try {
      const result = await invoke(functionName, event);
      const { statusCode = null, body = '' } = (result ?? {}) as { statusCode?: number; body?: string };
      note(statusCode, body);
      return result;
    } catch (error) {
      note(null, '');
      throw error;
    }
  };
}

/** The same bus, with each event of ours that it takes written down. */
export const observedBus = (bus: LocalEventBus, journal: Journal): LocalEventBus => ({
  ...bus,
  put(entry) {
    const result = bus.put(entry);
    const { Source, DetailType = '', Detail = '' } = entry;
    const isOurs = Source === EVENT_SOURCE && Object.hasOwn(domainEventData, DetailType);
    if ('EventId' in result && isOurs) {
      journal.add({ type: 'event', event: JSON.parse(Detail) as DomainEvent });
    }
    return result;
  },
});

/** As the client sent them: without what API Gateway adds. */
function headersOf({ headers }: APIGatewayProxyEventV2): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name.startsWith('x-forwarded-') ? [] : [[name, value]],
    ),
  );
}
