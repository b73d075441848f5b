import { beforeEach, describe, expect, it } from 'vitest';
import { createEventBus, type LocalEventBus } from '../../../../infra/local/event-bus/bus.ts';
import type { BusRule } from '../../../../infra/local/event-bus/rules.ts';
import { createQueue, type LocalQueue } from '../../../../infra/local/queue/queue.ts';

const rules: readonly BusRule[] = [
  {
    name: 'settled',
    matches: (event) => (event as { source: string }).source === 'settle',
    messageGroupId: 'tenant:7',
  },
];
const entry = { Source: 'settle', DetailType: 'order.paid', Detail: '{"id":"evt_1"}' };
let queue: LocalQueue;
let bus: LocalEventBus;

beforeEach(() => {
  const now = () => Date.parse('2026-11-26T08:00:00.250Z');
  queue = createQueue({ visibilityTimeoutMs: 1_000, maxReceiveCount: 3 }, now);
  bus = createEventBus(rules, queue, now);
});

const delivered = () => queue.receive(10).map(({ groupId, body }) => [groupId, JSON.parse(body)]);

describe('the bus', () => {
  it('puts what a rule takes into its queue, as EventBridge hands it over', () => {
    const result = bus.put(entry);
    expect(delivered()).toEqual([
      [
        'tenant:7',
        {
          version: '0',
          id: (result as { EventId: string }).EventId,
          'detail-type': 'order.paid',
          source: 'settle',
          account: '000000000000',
          time: '2026-11-26T08:00:00Z',
          region: 'local',
          resources: [],
          detail: { id: 'evt_1' },
        },
      ],
    ]);
  });

  it('gives an event the time that it was put with', () => {
    bus.put({ ...entry, Time: Date.parse('2026-11-25T07:00:00.999Z') / 1_000 });
    expect(delivered()).toMatchObject([['tenant:7', { time: '2026-11-25T07:00:00Z' }]]);
  });

  it('takes what no rule wants, and does nothing with it', () => {
    expect(bus.put({ ...entry, Source: 'other' })).toHaveProperty('EventId');
    expect(delivered()).toEqual([]);
  });

  it.each([
    [{ Source: undefined }, 'InvalidArgument'],
    [{ DetailType: '' }, 'InvalidArgument'],
    [{ Detail: undefined }, 'InvalidArgument'],
    [{ Detail: 'no JSON' }, 'MalformedDetail'],
    [{ Detail: '[]' }, 'MalformedDetail'],
  ])('does not take an entry with %j', (changes, ErrorCode) => {
    expect(bus.put({ ...entry, ...changes })).toMatchObject({ ErrorCode });
    expect(delivered()).toEqual([]);
  });

  it('fails as many entries as it is told to, and then works again', () => {
    bus.failNext(2);
    const results = [1, 2, 3].map(() => bus.put(entry));
    expect(results.map((result) => 'ErrorCode' in result && result.ErrorCode)).toEqual([
      ...['InternalFailure', 'InternalFailure', false],
    ]);
    expect(delivered()).toHaveLength(1);
  });
});
