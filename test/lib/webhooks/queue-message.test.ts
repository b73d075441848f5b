import { describe, expect, it } from 'vitest';
import { decodeDeliveryId, encodeDeliveryId } from '../../../lib/webhooks/delivery.ts';
import { dueAgainMessage, parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { newEventId, queuedEvent, START } from '../../support/deliveries.ts';

const id = newEventId();
const timestamp = new Date(START).toISOString();

describe('a message of the queue', () => {
  it('is an event, with the body that is sent: type, time and data, and nothing else', () => {
    const data = { order_no: 'tenant-order', version: 3, tenant_id: 7, status: 'paid' };
    const happened = new Date(START - 6 * 3_600_000).toISOString();
    const event = queuedEvent({ id, tenant_id: 7, timestamp: happened, recorded_at: timestamp });
    const text = JSON.stringify({ ...event, detail: { ...event.detail, data } });
    const message = parseQueueMessage(text);
    expect(message).toEqual({
      event: {
        ...{ id, type: 'order.paid', timestamp, tenant_id: 7, order_no: 'tenant-order' },
        body: expect.any(String),
      },
    });
    const { body } = (message as { readonly event: { readonly body: string } }).event;
    expect(JSON.parse(body)).toEqual({ type: 'order.paid', timestamp: happened, data });
    expect(parseQueueMessage(text)).toEqual(message);
  });

  it('is an event that is of no order', () => {
    const message = parseQueueMessage(
      JSON.stringify(queuedEvent({ type: 'exception.raised', order_no: null })),
    );
    expect(message).toMatchObject({ event: { type: 'exception.raised', order_no: null, tenant_id: null } });
  });

  it('is a delivery that is due again', () => {
    const delivery = { receiver: 'tenant:7', timestamp, event_id: id } as const;
    expect(parseQueueMessage(JSON.stringify(dueAgainMessage(delivery, START + 1)))).toEqual({
      delivery,
      sent: new Date(START + 1).toISOString(),
    });
  });

  const { detail } = queuedEvent();
  it.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an event without a detail', JSON.stringify({ ...queuedEvent(), detail: undefined })],
    ['another type', JSON.stringify({ detail: { ...detail, type: 'order.eaten' } })],
    [
      'an id with a dot, which what is signed could be split at',
      JSON.stringify({ detail: { ...detail, id: 'evt.1' } }),
    ],
    ['an id that is too long', JSON.stringify({ detail: { ...detail, id: 'e'.repeat(65) } })],
    [
      'a time without milliseconds',
      JSON.stringify({ detail: { ...detail, timestamp: '2026-11-26T08:00:00Z' } }),
    ],
    ['no time at which it was recorded', JSON.stringify({ detail: { ...detail, recorded_at: undefined } })],
    ['no data', JSON.stringify({ detail: { ...detail, data: undefined } })],
    [
      'a delivery without its time',
      JSON.stringify({ delivery: encodeDeliveryId({ receiver: 'stage', timestamp, event_id: id }) }),
    ],
    ['no delivery', JSON.stringify({ delivery: 'AAAA', sent: timestamp })],
  ])('is not %s', (_, text) => {
    expect(parseQueueMessage(text)).toBeNull();
  });
});

describe("a delivery's id", () => {
  it.each(['stage', 'tenant:7', 'tenant:9007199254740991'] as const)('of %s names it', (receiver) => {
    const key = { receiver, timestamp, event_id: id };
    const text = encodeDeliveryId(key);
    expect(text).toMatch(/^[0-9A-Za-z_-]+$/);
    expect(decodeDeliveryId(text)).toEqual(key);
  });

  it.each([
    'shop 2026-11-26T08:00:00.000Z evt_1',
    'tenant:07 2026-11-26T08:00:00.000Z evt_1',
    'stage#0 2026-11-26T08:00:00.000Z evt_1',
    'stage 2026-11-26 evt_1',
    'stage 2026-11-26T08:00:00.000Z evt#1',
    'stage 2026-11-26T08:00:00.000Z evt_1 more',
    `stage 2026-11-26T08:00:00.000Z ${'e'.repeat(65)}`,
    '',
  ])('names none: %s', (text) => {
    expect(decodeDeliveryId(Buffer.from(text).toString('base64url'))).toBeNull();
  });

  it('is not read at any length', () => {
    expect(decodeDeliveryId('A'.repeat(10_000))).toBeNull();
  });
});
