import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { systemIo } from '../../lib/io.ts';
import type { Registration } from '../../lib/merchants/tenant-register.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import { functionsDirectory } from '../bundling/bundle-options.ts';
import { endpoints, functions, queueConsumer, streamConsumer, sweep } from '../endpoints.ts';
import type { StageTemplates } from '../stacks/template.ts';
import { readStage } from '../stages.ts';
import { allStarted, type Stoppable } from './all-started.ts';
import { closeDay } from './close-day.ts';
import { createConsole } from './console/console.ts';
import { createJournal, followRecorder } from './console/journal.ts';
import { observed } from './console/observe.ts';
import { startConsumer, startQueueConsumer } from './consumer.ts';
import { type GivenDocuments, generateDocuments, type LocalDocuments } from './documents.ts';
import { connectDynamodb, startDynamodb } from './dynamodb/engine.ts';
import { ensureTable } from './dynamodb/table.ts';
import {
  DEBUGGED_TIMEOUT_MS,
  functionNameOf,
  functionTimeouts,
  type LocalFunctions,
  startFunctions,
} from './functions.ts';
import { startGateway } from './gateway/server.ts';
import { documentsByName, registrationsOf } from './given-merchants.ts';
import { findFreePort } from './http.ts';
import { type Bundles, bundleFunctions } from './lambda/bundle.ts';
import { operator, operatorEnvironment } from './operator.ts';
import { createPayees, type Payees } from './payees.ts';
import { createQueue, type LocalQueue } from './queue/queue.ts';
import { startQueueServer } from './queue/server.ts';
import { readQueueSettings } from './queue/settings.ts';
import { scheduledEvent, startSchedules } from './schedule.ts';
import { type DocumentReads, startSecretsManager } from './secrets-manager.ts';
import { type Simulators, startSimulators } from './simulators/server.ts';
import type { FailedBatch } from './stream/failed-batch.ts';
import { readEventSourceSettings } from './stream/settings.ts';
import { createTokens, type Tokens } from './tokens.ts';

const stage = 'local';
const tableName = 'settle-local';

/** What the sources make, the same for every system until they change. */
export interface SystemParts {
  readonly bundles: Pick<Bundles, 'url' | 'workerUrl'>;
  readonly templates: StageTemplates;
}

export interface LocalSystemOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly consolePort: number;
  /** In place of generated ones. */
  readonly documents?: GivenDocuments | undefined;
  /** Keeps the table between runs; in memory without one. */
  readonly dataFile?: string | undefined;
  /** A DynamoDB that is running already, in place of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  /** What order numbers begin with; nothing by default. */
  readonly orderPrefix?: string | undefined;
  /** Whenever a source file changes, the functions that hold it are loaded again. */
  readonly reload?: boolean | undefined;
  /** Loads each function when it is first invoked, as Lambda does, in place of all of them beforehand. */
  readonly cold?: boolean | undefined;
  /** For breakpoints: bundles stay readable, and no invocation has a time limit. */
  readonly debugged?: boolean | undefined;
  /** Made already, and left as they are in the end; otherwise they are made for this system. */
  readonly parts?: SystemParts | undefined;
  /** Takes each line that a function or the system logs. */
  readonly log: (line: string) => void;
}

export interface LocalSystem extends LocalDocuments {
  readonly url: string;
  readonly consoleUrl: string;
  readonly tableName: string;
  readonly dynamodbEndpoint: string;
  /** For commands that are run against this system. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  readonly payees: Payees;
  readonly documentReads: DocumentReads;
  /** Null when the auth document that was given holds no key to sign with. */
  readonly tokens: Tokens | null;
  readonly simulators: Simulators;
  /** What the consumer's event source mapping gave up, in place of the queue. */
  readonly failedBatches: readonly FailedBatch[];
  /** The days that are to be reconciled. */
  readonly queue: LocalQueue;
  /** Runs the sweep now, besides its schedule. */
  sweep(): Promise<void>;
  /** Runs a function that no request waits for now, as its schedule would. @throws Error when it fails */
  run(functionName: string): Promise<void>;
  /** Ends a function's thread as a crash would. @throws Error when there is no such function */
  crash(functionName: string): Promise<void>;
  /** Rejects when a part that the rest cannot do without has ended. */
  readonly crashed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Everything of one stage on this machine. Resolves once each endpoint answers.
 * @throws StartError for what the person who starts it can mend
 */
export async function startLocalSystem(options: LocalSystemOptions): Promise<LocalSystem> {
  const { dataFile, cold = false, debugged = false, reload = false } = options;
  const journal = createJournal(systemIo.now);
  const log = (line: string) => {
    journal.addLog(line);
    options.log(line);
  };
  // Ends what has been started, in reverse, when the rest does not start and when the system is stopped.
  await using started = new AsyncDisposableStack();
  const own = <T extends Stoppable>(part: T): T => started.adopt(part, () => part.stop());

  const functionsLoaded = Promise.withResolvers<LocalFunctions>();
  const invoke = observed(
    async (name, event) => (await functionsLoaded.promise).get(name).invoke(event),
    journal,
    systemIo.now,
  );
  const { url } = own(
    await startGateway({
      port: options.port,
      endpoints,
      invoke,
      ...(debugged && { timeoutMs: DEBUGGED_TIMEOUT_MS }),
    }),
  );
  const consolePort = options.consolePort || (await findFreePort());
  const consoleUrl = `http://127.0.0.1:${consolePort}`;

  const names = functions.map(({ name }) => name);
  // First, as it is quick: whoever gave a wrong file or address need not wait for the rest to be told.
  const dynamodb = own(
    await (options.dynamodbEndpoint === undefined
      ? startDynamodb(dataFile)
      : connectDynamodb(options.dynamodbEndpoint)),
  );
  const [local, bundles, templates] = await allStarted(
    generateDocuments({ consoleUrl }, options.documents),
    options.parts?.bundles ??
      bundleFunctions({ directory: functionsDirectory, names, readable: debugged }).then((made) =>
        started.adopt(made, () => made.remove()),
      ),
    // Takes this thread while the others are at work in theirs.
    options.parts?.templates ?? synthesize(),
  );
  const tokens = await createTokens(local.documents.auth);
  const aws = awsClients(dynamodb.endpoint);
  const store = { client: DynamoDBDocumentClient.from(aws.dynamodb), tableName, io: systemIo };
  const { counterparts } = local;
  const runNow = async (name: string) => {
    await (await functionsLoaded.promise).get(name).invoke(scheduledEvent);
  };
  const queueSettings = readQueueSettings(templates.service);
  const queue = createQueue(queueSettings, systemIo.now);
  const secretsManager = own(
    await startSecretsManager({
      stage,
      documents: documentsByName(local.documents),
      functions: [...functions, operator],
      writer: operator.name,
    }),
  );
  const payees = createPayees({
    ...{ stored: secretsManager.stored, store, io: systemIo, publicUrl: url },
    orderPrefix: options.orderPrefix ?? '',
  });
  const page = createConsole({
    journal,
    table: { dynamodb: aws.dynamodb, tableName },
    counterparts,
    tokens,
    publicUrl: url,
    io: systemIo,
    log,
    run: runNow,
    payees: payees.list,
    closeDay: () => closeDay({ payees, queue, run: runNow, io: systemIo }),
  });
  const [streamArn, queueServer, simulators] = await allStarted(
    ensureTable(aws.dynamodb, tableName, templates.data),
    startQueueServer({
      queue,
      maxReceiveCount: queueSettings.maxReceiveCount,
      callers: [...functions, operator],
    }).then(own),
    startSimulators({
      counterparts,
      port: consolePort,
      publicUrl: url,
      tokens,
      io: systemIo,
      log,
      otherwise: page.listener,
    }).then(own),
  );
  await register(store, registrationsOf(local.documents));
  followRecorder(journal, simulators.recorder);
  own(page.follow(aws.streams, streamArn));

  const settings = readEventSourceSettings(templates.service);
  const addresses = {
    stage,
    tableName,
    publicUrl: url,
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secretsManager.url,
    queueUrl: queueServer.queueUrl,
    orderPrefix: options.orderPrefix,
  };
  const timeoutsMs = functionTimeouts(templates.service);
  const loaded = own(await startFunctions({ bundles, addresses, timeoutsMs, cold, debugged, reload, log }));
  functionsLoaded.resolve(loaded);
  const { failedBatches } = own(
    startConsumer({
      name: streamConsumer.name,
      consumer: loaded.get(streamConsumer.name),
      settings,
      client: aws.streams,
      streamArn,
      checkpointFile: dataFile && `${dataFile}.stream.json`,
      log,
    }),
  );

  own(
    startQueueConsumer({
      consumer: loaded.get(queueConsumer.name),
      queue,
      settings: queueSettings,
    }),
  );
  own(
    startSchedules({
      template: templates.service,
      invoke: (logicalId, event) => loaded.get(functionNameOf(logicalId)).invoke(event),
      log,
    }),
  );

  const running = started.move();
  return {
    ...local,
    payees,
    url,
    consoleUrl,
    tableName,
    dynamodbEndpoint: dynamodb.endpoint,
    operatorEnvironment: operatorEnvironment(addresses),
    documentReads: secretsManager.reads,
    tokens,
    simulators,
    failedBatches,
    queue,
    sweep: () => runNow(sweep.name),
    run: runNow,
    crash: (name) => loaded.get(name).crash(),
    crashed: dynamodb.crashed,
    stop: () => running.disposeAsync(),
  };
}

async function register(store: StoreContext, registrations: readonly Registration[]): Promise<void> {
  for (const registration of registrations) await putTenant(store, registration);
}

/** CDK is by far the largest module here: it is loaded while other processes bundle and start. */
async function synthesize(): Promise<StageTemplates> {
  const { synthesizeStage } = await import('../stacks/template.ts');
  return synthesizeStage(readStage(stage));
}

function awsClients(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const config = { endpoint, region: 'local', credentials };
  return { dynamodb: new DynamoDBClient(config), streams: new DynamoDBStreamsClient(config) };
}
