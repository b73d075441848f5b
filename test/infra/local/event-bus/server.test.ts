import {
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventBus, type LocalEventBus } from '../../../../infra/local/event-bus/bus.ts';
import { startEventBusServer } from '../../../../infra/local/event-bus/server.ts';
import type { HttpServer } from '../../../../infra/local/http.ts';

const busName = 'settle-local';
const rules = [{ name: 'all', matches: () => true, messageGroupId: '$.detail.owner' }];
const queueArn = 'arn:aws:sqs:local:000000000000:deliveries';
let taken: string[];
let bus: LocalEventBus;
let server: HttpServer;

beforeEach(async () => {
  taken = [];
  const send = (body: string) => {
    taken.push(JSON.parse(body).time);
    return { id: '', md5: '' };
  };
  bus = createEventBus(rules, { send }, () => 0);
  server = await startEventBusServer({
    ...{ bus, busName, rules, queueArn, reader: 'operator' },
    callers: [{ name: 'publish-events', bus: true }, { name: 'checkout' }],
  });
});
afterEach(() => server.stop());

function connect(accessKeyId: string): EventBridgeClient {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return new EventBridgeClient({ endpoint: server.url, region: 'local', credentials, maxAttempts: 1 });
}

const Time = new Date('2026-11-26T08:00:00.250Z');
const entry = { EventBusName: busName, Source: 'settle', DetailType: 'order.paid', Detail: '{}', Time };

const put = (Entries: object[], caller = 'publishEvents') =>
  connect(caller).send(new PutEventsCommand({ Entries }));

describe('the bus, as the SDK speaks to it', () => {
  it('takes the events of a function that may put them, each with an id of its own', async () => {
    const { FailedEntryCount, Entries = [] } = await put([entry, entry]);
    expect(FailedEntryCount).toBe(0);
    expect(new Set(Entries.map(({ EventId }) => EventId)).size).toBe(2);
    expect(taken).toEqual(['2026-11-26T08:00:00Z', '2026-11-26T08:00:00Z']);
  });

  it('says of each entry whether it was taken', async () => {
    bus.failNext(1);
    const { FailedEntryCount, Entries = [] } = await put([entry, { ...entry, Detail: 'no JSON' }, entry]);
    expect(FailedEntryCount).toBe(2);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'InternalFailure',
      'MalformedDetail',
      undefined,
    ]);
    expect(taken).toHaveLength(1);
  });

  it('tells an operator which rules lead where', async () => {
    const client = connect('operator');
    const { Rules = [] } = await client.send(new ListRulesCommand({ EventBusName: busName }));
    expect(Rules).toMatchObject([{ Name: 'all', State: 'ENABLED' }]);
    const ofRule = new ListTargetsByRuleCommand({ EventBusName: busName, Rule: Rules[0]?.Name });
    expect(await client.send(ofRule)).toMatchObject({
      Targets: [{ Arn: queueArn, SqsParameters: { MessageGroupId: '$.detail.owner' } }],
    });
  });

  it.each([
    ['a function that may not', () => put([entry], 'checkout'), 'AccessDeniedException'],
    ['a stranger', () => put([entry], 'nobody'), 'AccessDeniedException'],
    ['another bus', () => put([{ ...entry, EventBusName: 'default' }]), 'AccessDeniedException'],
    [
      'a function that would see the rules',
      () => connect('publishEvents').send(new ListRulesCommand({ EventBusName: busName })),
      'AccessDeniedException',
    ],
    [
      'an operator who looks for another bus',
      () => connect('operator').send(new ListRulesCommand({ EventBusName: 'default' })),
      'ResourceNotFoundException',
    ],
    ['no entry', () => put([]), 'ValidationException'],
    ['eleven entries', () => put(Array(11).fill(entry)), 'ValidationException'],
    [
      'what it does not serve',
      () => connect('publishEvents').send(new ListEventBusesCommand({})),
      'UnknownOperationException',
    ],
  ])('refuses %s', async (_what, call, name) => {
    await expect(call()).rejects.toMatchObject({ name });
    expect(taken).toEqual([]);
  });
});
