import { DynamoDBClient, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Reply } from '../../../lib/http/reply.ts';
import { alternate, cpuTimePerCallUs } from '../measure.ts';

/** The process whose CPU time is measured: a function's bundle and the SDK, before the same answerer. */

export interface HandlerTask {
  /** The bundle's address. */
  readonly bundleUrl: string;
  readonly answererUrl: string;
  readonly events: readonly APIGatewayProxyEventV2[];
}

/** CPU time of a call in µs, in pairs. */
export type HandlerSamples = Readonly<Record<'handler' | 'write', number[]>>;

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Reply>;

const ROUNDS = 25;

/** So many that a sample of either takes 20 ms. */
const CALLS = 250;

process.once('disconnect', () => process.exit());
process.once('message', async (task: HandlerTask) => {
  const samples = await measure(task);
  process.send?.(samples, () => process.disconnect());
});

async function measure({ bundleUrl, answererUrl, events }: HandlerTask): Promise<HandlerSamples> {
  const { handler } = (await import(bundleUrl)) as { handler: Handler };
  const context = { awsRequestId: '00000000-0000-4000-8000-000000000000' } as Context;
  // As the SDK's guide sets it up, and with what the handler writes: attributes need no conversion.
  const client = new DynamoDBClient({});
  const writes: ConstructorParameters<typeof TransactWriteItemsCommand>[0][] = [];
  for (const event of events) {
    const { statusCode } = await handler(event, context);
    if (statusCode !== 200) throw new Error(`the handler answered ${statusCode}`);
    writes.push(JSON.parse(await (await fetch(answererUrl)).text()));
  }
  const inTurn = <T>(items: readonly T[]) => {
    let call = 0;
    return () => items[call++ % items.length] as T;
  };
  const nextEvent = inTurn(events);
  const nextWrite = inTurn(writes);
  return alternate(
    {
      handler: () => cpuTimePerCallUs(CALLS, () => handler(nextEvent(), context)),
      write: () => cpuTimePerCallUs(CALLS, () => client.send(new TransactWriteItemsCommand(nextWrite()))),
    },
    { rounds: ROUNDS, warmUp: 3 },
  );
}
