import { startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { startDynamodbMeter } from '../../support/dynamodb-meter.ts';
import { startTestSystem } from '../../support/local-system.ts';
import { type createParties, openTable } from '../../support/parties.ts';

/** The local system with a meter before its table. Without `parties` its own simulators stand for the providers. */
export async function startMeteredSystem(parties?: ReturnType<typeof createParties>) {
  await using started = new AsyncDisposableStack();
  const engine = started.adopt(await startDynamodb(), (part) => part.stop());
  const meter = started.adopt(await startDynamodbMeter(engine.endpoint), (part) => part.stop());
  const system = started.adopt(
    await startTestSystem({ documents: parties?.documents, dynamodbEndpoint: meter.url }),
    (part) => part.stop(),
  );
  const table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
  const running = started.move();
  return { system, meter, table, stop: () => running.disposeAsync() };
}
