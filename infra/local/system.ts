import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { systemIo } from '../../lib/io.ts';
import type { Registration } from '../../lib/merchants/tenant-register.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import { functionsDirectory } from '../bundling/bundle-options.ts';
import { consoleServer, endpoints, functions, sweep } from '../endpoints.ts';
import { createTokenSigner } from '../operate/token/sign-token.ts';
import { deliveriesTableName } from '../stacks/table-name.ts';
import type { StageTemplates } from '../stacks/template.ts';
import { readStage } from '../stages.ts';
import { allStarted, type Stoppable } from './all-started.ts';
import { closeDay } from './close-day.ts';
import { createConsole } from './console/console.ts';
import { createJournal, followRecorder } from './console/journal.ts';
import { observed, observedBus } from './console/observe.ts';
import { startConsumers } from './consumers.ts';
import {
  type DocumentParts,
  type GivenDocuments,
  generateDocuments,
  type LocalDocuments,
} from './documents.ts';
import { connectDynamodb, startDynamodb } from './dynamodb/engine.ts';
import { ensureTable, streamArnOf } from './dynamodb/table.ts';
import { createEventBus, type LocalEventBus } from './event-bus/bus.ts';
import { readBusRules } from './event-bus/rules.ts';
import { startEventBusServer } from './event-bus/server.ts';
import {
  DEBUGGED_TIMEOUT_MS,
  functionNameOf,
  functionTimeouts,
  type LocalFunctions,
  startFunctions,
} from './functions.ts';
import { startGateway } from './gateway/server.ts';
import { documentsByName, registrationsOf } from './given-merchants.ts';
import { holdPort } from './http.ts';
import { openState } from './kept-state.ts';
import { type Bundles, bundleFunctions } from './lambda/bundle.ts';
import { operator, operatorEnvironment } from './operator.ts';
import { createPayees, type Payees } from './payees.ts';
import { queueArn, startQueueServer } from './queue/server.ts';
import { createQueues, failedEventsName, type LocalQueues, servedQueues } from './queues.ts';
import { scheduledEvent, startSchedules } from './schedule.ts';
import { type DocumentReads, startSecretsManager } from './secrets-manager.ts';
import { consoleClientId } from './simulators/issuer/issuer.ts';
import { issuerUrl, type Simulators, startSimulators } from './simulators/server.ts';
import { createTokens, type Tokens } from './tokens.ts';

const stage = 'local';
const tableName = 'settle-local';
const deliveriesTable = deliveriesTableName(stage);
const busName = 'settle-local';

/** What the sources make, the same for every system until they change. */
export interface SystemParts {
  readonly bundles: Pick<Bundles, 'url' | 'workerUrl'>;
  readonly templates: StageTemplates;
  readonly rsaKeys?: DocumentParts['rsaKeys'];
}

export interface LocalSystemOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly consolePort: number;
  /** In place of generated ones. */
  readonly documents?: GivenDocuments | undefined;
  /** Keeps the tables between runs, and in files beside it all else that a system is; in memory without one. */
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
  readonly deliveriesTable: string;
  readonly dynamodbEndpoint: string;
  /** For commands that are run against this system. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
  readonly payees: Payees;
  readonly documentReads: DocumentReads;
  /** Null where an auth document was given. */
  readonly tokens: Tokens | null;
  readonly simulators: Simulators;
  readonly queues: LocalQueues;
  readonly bus: LocalEventBus;
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
  const madeAt = systemIo.now();
  const journal = createJournal(systemIo.now);
  const log = (line: string) => {
    journal.addLog(line);
    options.log(line);
  };
  // Ends what has been started, in reverse, when the rest does not start and when the system is stopped.
  await using started = new AsyncDisposableStack();
  const own = <T extends Stoppable>(part: T): T => started.adopt(part, () => part.stop());

  const functionsLoaded = Promise.withResolvers<LocalFunctions>();
  const operated = Promise.withResolvers<Readonly<Record<string, string>>>();
  const invoke = observed(
    async (name, event) => (await functionsLoaded.promise).get(name).invoke(event),
    journal,
    systemIo.now,
  );
  const { url } = own(
    await startGateway({
      port: options.port,
      endpoints: [...endpoints, consoleServer],
      invoke,
      ...(debugged && { timeoutMs: DEBUGGED_TIMEOUT_MS }),
    }),
  );
  const simulatorServer = own(await holdPort(options.consolePort));
  const consoleUrl = simulatorServer.url;

  const names = functions.map(({ name }) => name);
  // First, as it is quick: whoever gave a wrong file or address need not wait for the rest to be told.
  const dynamodb = own(
    await (options.dynamodbEndpoint === undefined
      ? startDynamodb(dataFile)
      : connectDynamodb(options.dynamodbEndpoint)),
  );
  const state = own(openState(dataFile === undefined ? undefined : `${dataFile}.state`));
  const [local, bundles, templates] = await allStarted(
    generateDocuments({ consoleUrl, state, rsaKeys: options.parts?.rsaKeys }, options.documents),
    options.parts?.bundles ??
      bundleFunctions({ directory: functionsDirectory, names, readable: debugged }).then((made) =>
        started.adopt(made, () => made.remove()),
      ),
    // Takes this thread while the others are at work in theirs.
    templatesOf(options),
  );
  // Whoever brought an auth document has a login of their own: nothing here speaks in its place.
  const signToken = options.documents?.auth ? null : createTokenSigner(local.documents.auth);
  const tokens = signToken && (await createTokens(signToken));
  const aws = awsClients(dynamodb.endpoint);
  const store = { client: DynamoDBDocumentClient.from(aws.dynamodb), tableName, io: systemIo };
  const { counterparts } = local;
  const runNow = async (name: string) => {
    await (await functionsLoaded.promise).get(name).invoke(scheduledEvent);
  };
  const queues = createQueues(templates, systemIo.now, state);
  const rules = readBusRules(templates.webhooks);
  const bus = observedBus(createEventBus(rules, queues.deliveries.queue, systemIo.now), journal);
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
    closeDay: () => closeDay({ payees, queue: queues.reconciliation.queue, run: runNow, io: systemIo }),
  });
  const callers = [...functions, operator];
  const [table, , queueServer, eventBusServer, simulators] = await allStarted(
    ensureTable(aws.dynamodb, tableName, templates.data),
    ensureTable(aws.dynamodb, deliveriesTable, templates.webhooks),
    startQueueServer({ queues: servedQueues(queues), callers }).then(own),
    startEventBusServer({
      ...{ bus, busName, rules, callers },
      queueArn: queueArn(queues.deliveries.name),
      reader: operator.name,
    }).then(own),
    startSimulators({
      operatorEnvironment: operated.promise,
      state,
      counterparts,
      server: simulatorServer,
      publicUrl: url,
      tokens,
      signToken,
      io: systemIo,
      log,
      otherwise: page.listener,
    }).then(own),
  );
  const streamArn = streamArnOf(table);
  await register(store, registrationsOf(local.documents));
  followRecorder(journal, simulators.recorder);
  own(page.follow(aws.streams, streamArn));

  const addresses = {
    ...{ stage, tableName, deliveriesTable, busName },
    publicUrl: url,
    consoleUrl,
    signIn: signToken && { issuer: issuerUrl(consoleUrl), clientId: consoleClientId },
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secretsManager.url,
    eventBridgeEndpoint: eventBusServer.url,
    queueUrl: queueServer.queueUrl(queues.reconciliation.name),
    webhookQueueUrl: queueServer.queueUrl(queues.deliveries.name),
    orderPrefix: options.orderPrefix,
  };
  const stacks = [templates.service, templates.webhooks];
  const timeoutsMs = new Map(stacks.flatMap((template) => [...functionTimeouts(template)]));
  const loaded = own(await startFunctions({ bundles, addresses, timeoutsMs, cold, debugged, reload, log }));
  functionsLoaded.resolve(loaded);
  own(
    startConsumers({
      ...{ templates, queues, log },
      functions: loaded,
      stream: {
        ...{ client: aws.streams, arn: streamArn, madeAt },
        checkpointFile: dataFile === undefined ? null : (name) => `${dataFile}.${name}.json`,
      },
    }),
  );
  for (const template of stacks) {
    own(
      startSchedules({
        template,
        invoke: (logicalId, event) => loaded.get(functionNameOf(logicalId)).invoke(event),
        log,
      }),
    );
  }

  const environment = operatorEnvironment({
    ...addresses,
    failedBatchesUrl: queueServer.queueUrl(failedEventsName),
  });
  operated.resolve(environment);
  const running = started.move();
  return {
    ...local,
    payees,
    url,
    consoleUrl,
    ...{ tableName, deliveriesTable },
    dynamodbEndpoint: dynamodb.endpoint,
    operatorEnvironment: environment,
    documentReads: secretsManager.reads,
    tokens,
    simulators,
    queues,
    bus,
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
async function templatesOf({ parts }: Pick<LocalSystemOptions, 'parts'>) {
  const synthesize = async () => {
    const { synthesizeStage } = await import('../stacks/template.ts');
    return synthesizeStage(readStage(stage));
  };
  const { webhooks, ...others } = parts?.templates ?? (await synthesize());
  if (!webhooks) throw new Error('the local stage has webhooks');
  return { ...others, webhooks };
}

function awsClients(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const config = { endpoint, region: 'local', credentials };
  return { dynamodb: new DynamoDBClient(config), streams: new DynamoDBStreamsClient(config) };
}
