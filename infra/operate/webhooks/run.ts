import { createEventBus } from '../../../lib/event-bus.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { deployCommand, readWebhooksStack } from '../stack.ts';
import { findTableName } from '../stage.ts';
import { command, type PublishArguments, readArguments } from './arguments.ts';
import { publishPeriod } from './publish.ts';
import { sendTest } from './send-test.ts';

const ITEMS_PER_LINE = 100_000;

/** @returns the exit code: 0 when it is done, 1 when the endpoint did not take it or not all is published, else 2 */
export const run = (words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, async (values, word) => {
    const wanted = readArguments(values, word);
    await reachStage(wanted.stage, surroundings.variables, surroundings.io);
    return wanted.task === 'test' ? sendTest(wanted, surroundings) : publish(wanted, surroundings);
  });

async function publish(
  { stage, from, to, order_no }: PublishArguments,
  { variables, io, output, errors }: Surroundings,
): Promise<0 | 1> {
  const EVENT_BUS_NAME = variables['EVENT_BUS_NAME'] || (await findBus(stage.name));
  let [looked, shown] = [0, 0];
  const { byType, unreadable } = await publishPeriod({ from, to }, order_no, {
    store: createStoreContext(await findTableName(stage.name, variables), io),
    io,
    putEvents: createEventBus({ EVENT_BUS_NAME }),
    onProgress: (read) => {
      looked = read;
      if (read - shown < ITEMS_PER_LINE) return;
      shown = read;
      errors.write(`${read} items read\n`);
    },
    onUnreadable: (partition, reason) => output.write(`left out ${partition}: ${reason}\n`),
  });
  let total = 0;
  for (const [type, count] of byType) {
    total += count;
    if (count > 0) output.write(`${String(count).padStart(8)} ${type}\n`);
  }
  const leftOut = unreadable > 0 ? `, ${unreadable} orders or merchants left out` : '';
  output.write(`events published: ${total}${leftOut}; items read: ${looked}\n`);
  return unreadable === 0 ? 0 : 1;
}

/** @throws Error when the stage has none here */
async function findBus(stage: string): Promise<string> {
  const stack = await readWebhooksStack(stage);
  const name = stack?.outputs['EventBusName'];
  if (name) return name;
  const advice = `Set webhooks in infra/stages.ts, and run ${deployCommand(stage)}`;
  throw new Error(
    `stage ${stage} has no bus in this account and region: nobody is told of events. ${advice}`,
  );
}
