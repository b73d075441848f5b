import { describe, expect, it } from 'vitest';
import { serve } from '../../infra/local/http.ts';
import type { DomainEvent } from '../../lib/domain-events/domain-event.ts';
import { createEventBus } from '../../lib/event-bus.ts';

const event = (order_no: string): DomainEvent => ({
  type: 'order.closed',
  id: `evt_${order_no}`,
  timestamp: '2026-11-22T08:00:00.000Z',
  recorded_at: '2026-11-26T08:00:00.000Z',
  owner: 'shop:mall',
  data: {
    ...{ order_no, version: 2, kind: 'mall', id: 1, tenant_id: null, status: 'closed' },
    ...{ amount: '1.00', currency: 'CNY' },
  },
});

/** EventBridge, which answers with this. */
async function bus(answer: object) {
  const requests: { target: unknown; body: Record<string, unknown> }[] = [];
  const server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(String(Buffer.concat(chunks)));
    requests.push({ target: request.headers['x-amz-target'], body });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EVENTBRIDGE: server.url,
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
  return { requests, stop: server.stop };
}

describe("the stage's bus", () => {
  it('gets each event as an entry, and says which it took', async () => {
    const { requests, stop } = await bus({
      FailedEntryCount: 1,
      Entries: [{ EventId: '1' }, { ErrorCode: 'ThrottlingException' }],
    });
    const put = createEventBus({ EVENT_BUS_NAME: 'settle-test' });
    expect(await put([event('mall-1'), event('mall-2')])).toEqual([true, false]);
    await stop();
    expect(requests.map(({ target }) => target)).toEqual(['AWSEvents.PutEvents']);
    expect(requests[0]?.body['Entries']).toContainEqual({
      ...{ EventBusName: 'settle-test', Source: 'settle', DetailType: 'order.closed' },
      Time: Date.parse('2026-11-22T08:00:00.000Z') / 1_000,
      Detail: JSON.stringify(event('mall-1')),
    });
  });

  it.each([
    ['one', { Entries: [{ EventId: '1' }] }, [true, false]],
    ['all', {}, [false, false]],
  ])('is not taken to have an event of which it does not say so: %s missing', async (_, answer, taken) => {
    const { stop } = await bus(answer);
    const put = createEventBus({ EVENT_BUS_NAME: 'settle-test' });
    expect(await put([event('mall-1'), event('mall-2')])).toEqual(taken);
    await stop();
  });

  it('that no stack names is an error by the name of the variable', () => {
    expect(() => createEventBus({})).toThrow('EVENT_BUS_NAME');
  });
});
