import { lookup } from 'node:dns/promises';
import { createStoreContext } from '../../../lib/store/client.ts';
import type { TextOutput } from '../../command/run-command.ts';
import { describeIdentity, readIdentity } from '../aws.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { type DeployedStack, readStack, readWebhooksStack, stackName } from '../stack.ts';
import { firstDeployCommand, readStageOption } from '../stage.ts';
import { type Arguments, command, readArguments } from './arguments.ts';
import { exitCodeOf, fault, formatResult, type Result, summarize } from './check.ts';
import { examine } from './examine.ts';
import type { WebhookSubject } from './webhooks.ts';

/** @returns the exit code: 0 when all is well, 1 with warnings, 2 with a fault or when nothing could be found out */
export const run = (words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, async (values) => {
    const { variables, output, io } = surroundings;
    await reachStage(readStageOption(values.stage), variables, io);
    const all = await diagnose(readArguments(values, variables), surroundings);
    // What stands in for AWS has no backups and the like, which is nothing to think about.
    const results = values.stage === 'local' ? all.filter(({ level }) => level !== 'unknown') : all;
    for (const result of results) output.write(`${formatResult(result)}\n`);
    output.write(`${summarize(results)}\n`);
    return exitCodeOf(results);
  });

async function diagnose(
  { stage, tenant_id, url, table, queue }: Arguments,
  { variables, io, output }: Surroundings,
): Promise<readonly Result[]> {
  // With both at hand there may be no stack, as in the local system.
  const isStackAsked = url === null || table === null;
  const stack = isStackAsked ? await findStack(stage.name, output) : null;
  const address = url ?? (stack?.outputs['ApiUrl'] || null);
  const tableName = table ?? (stack?.outputs['TableName'] || null);
  const webhooks = isStackAsked ? ((await readWebhooksStack(stage.name)) ?? 'absent') : null;
  const results = await examine({
    stage: stage.name,
    settings: stage.name === 'local' ? null : stage,
    tenant_id,
    stack,
    url: address,
    store: tableName === null ? null : createStoreContext(tableName, io),
    queueUrl: queue ?? (stack?.outputs['QueueUrl'] || null),
    webhooks: webhooksOf(webhooks, { variables, io }),
    io,
  });
  return isStackAsked && !stack ? [await missingStack(stage.name), ...results] : results;
}

/** What its stack tells, or, as in the local system, the environment. */
function webhooksOf(
  stack: WebhookSubject['stack'],
  { variables, io }: Pick<Surroundings, 'variables' | 'io'>,
): WebhookSubject {
  const outputs = stack === null || stack === 'absent' ? {} : stack.outputs;
  const told = (variable: string, output: string) => variables[variable] || outputs[output] || null;
  const deliveriesTable = told('DELIVERIES_TABLE', 'DeliveriesTableName');
  return {
    stack,
    busName: told('EVENT_BUS_NAME', 'EventBusName'),
    queueUrl: told('WEBHOOK_QUEUE_URL', 'DeliveryQueueUrl'),
    failedBatchesUrl: told('FAILED_BATCHES_URL', 'FailedBatchesUrl'),
    deliveries: deliveriesTable === null ? null : createStoreContext(deliveriesTable, io),
    resolve: (hostname) => lookup(hostname, { all: true }),
  };
}

async function findStack(stage: string, output: TextOutput): Promise<DeployedStack | null> {
  output.write(`${describeIdentity(await readIdentity())}\n`);
  return readStack(stage);
}

async function missingStack(stage: string): Promise<Result> {
  const advice = `Run ${await firstDeployCommand(stage)}`;
  return fault('stack', `there is no ${stackName(stage)} in this account and region. ${advice}`);
}
