import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type DocumentName, functions } from '../../../infra/endpoints.ts';
import { startDynamodb } from '../../../infra/local/dynamodb/engine.ts';
import { functionEnvironment } from '../../../infra/local/function-environment.ts';
import { startSecretsManager } from '../../../infra/local/secrets-manager.ts';
import { deliveryIndexes } from '../../../lib/store/delivery-table.ts';
import { createTable } from '../../support/create-table.ts';
import { openTable } from '../../support/parties.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';
import { startTlsProxy, type TlsIdentity } from '../../support/tls-proxy.ts';

const stage = 'bench';
const tableName = 'settle-bench';
const deliveriesTable = 'settle-bench-deliveries';
/** Of Powertools' idempotency records. */
const idempotencyTableName = 'idempotency-bench';

export interface LoopbackAws extends AsyncDisposable {
  readonly table: ReturnType<typeof openTable>;
  /** What Lambda would put into the environment of a function of Settle. */
  environment(functionName: string): Record<string, string>;
}

/** DynamoDB and Secrets Manager on this machine, over TLS as on AWS. */
export async function startLoopbackAws(
  documents: Readonly<Record<DocumentName, unknown>>,
  identity: TlsIdentity,
): Promise<LoopbackAws> {
  await using started = new AsyncDisposableStack();
  const own = <T extends { stop(): Promise<void> }>(part: T): T => started.adopt(part, () => part.stop());
  const engine = own(await startDynamodb());
  const secretsManager = own(await startSecretsManager({ stage, documents, functions }));
  const dynamodbProxy = own(await startTlsProxy(engine.endpoint, identity));
  const secretsProxy = own(await startTlsProxy(secretsManager.url, identity));
  await createTables(engine.endpoint);

  const directory = createTemporaryDirectory('settle-bench-');
  started.defer(directory.remove);
  const certificateFile = join(directory.path, 'certificate.pem');
  writeFileSync(certificateFile, identity.certificate);

  const running = started.move();
  const addresses = {
    ...{ stage, tableName, deliveriesTable, busName: 'settle-bench' },
    publicUrl: 'https://pay.example.com',
    consoleUrl: 'https://laboratory.example.com',
    signIn: null,
    dynamodbEndpoint: dynamodbProxy.url,
    secretsManagerEndpoint: secretsProxy.url,
    eventBridgeEndpoint: 'https://events.example.com',
    queueUrl: 'https://sqs.example.com/000000000000/reconciliation',
    webhookQueueUrl: 'https://sqs.example.com/000000000000/deliveries',
  };
  return {
    table: openTable({ dynamodbEndpoint: engine.endpoint, tableName }),
    environment: (functionName) => ({
      ...functionEnvironment(definitionOf(functionName), addresses),
      IDEMPOTENCY_TABLE_NAME: idempotencyTableName,
      NODE_EXTRA_CA_CERTS: certificateFile,
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** What is compared with a function of Settle has the environment that every function has. */
const definitionOf = (functionName: string) =>
  functions.find(({ name }) => name === functionName) ?? { name: functionName, documents: [] };

async function createTables(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  const documentClient = DynamoDBDocumentClient.from(client);
  await createTable(documentClient, tableName);
  await createTable(documentClient, deliveriesTable, Object.values(deliveryIndexes));
  await client.send(
    new CreateTableCommand({
      TableName: idempotencyTableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  client.destroy();
}
