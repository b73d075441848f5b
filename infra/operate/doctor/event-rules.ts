import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  type Rule,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { patience } from '../aws.ts';
import { fault, ok, type Result, unreadable } from './check.ts';

const check = 'rules of the bus';

interface FoundRule {
  readonly name: string;
  readonly isOn: boolean;
  readonly targets: readonly Target[];
}

/** Whether what is put on the bus goes on to the queue of deliveries, each owner's in a group of its own. */
export async function checkEventRules(busName: string, queueUrl: string): Promise<Result> {
  const client = new EventBridgeClient(patience);
  try {
    return judge(await readRules(client, busName), queueUrl);
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') {
      return fault(check, `there is no bus ${busName}: nobody is told of events. Deploy the stack again`);
    }
    return unreadable(check, error);
  } finally {
    client.destroy();
  }
}

function judge(rules: readonly FoundRule[], queueUrl: string): Result {
  const queueName = queueUrl.split('/').at(-1) ?? '';
  const leadsThere = ({ Arn = '' }: Target) => Arn.endsWith(`:${queueName}`);
  const ours = rules.filter(({ targets }) => targets.some(leadsThere));
  if (ours.length === 0) {
    return fault(check, `none leads to ${queueName}: no webhook is sent. Deploy the stack again`);
  }
  const off = ours.find(({ isOn }) => !isOn);
  if (off) return fault(check, `${off.name} is disabled: no webhook is sent. Enable it in EventBridge`);
  const target = ours.flatMap(({ targets }) => targets).find(leadsThere);
  if (!target?.SqsParameters?.MessageGroupId) {
    return fault(
      check,
      `${ours[0]?.name} groups no messages: a busy owner delays all. Deploy the stack again`,
    );
  }
  const others = rules.length - ours.length;
  return ok(
    check,
    `events go to ${queueName}${others > 0 ? `, and by ${others} of your own elsewhere` : ''}`,
  );
}

async function readRules(client: EventBridgeClient, EventBusName: string): Promise<FoundRule[]> {
  const rules: Rule[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListRulesCommand({ EventBusName, NextToken }));
    rules.push(...(page.Rules ?? []));
    ({ NextToken } = page);
  } while (NextToken);
  return Promise.all(
    rules.map(async ({ Name = '', State }) => {
      const command = new ListTargetsByRuleCommand({ EventBusName, Rule: Name });
      const { Targets = [] } = await client.send(command);
      return { name: Name, isOn: State === 'ENABLED', targets: Targets };
    }),
  );
}
