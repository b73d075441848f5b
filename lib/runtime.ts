import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDocumentReader, type DocumentSource } from './config/documents.ts';
import { type Environment, readEnvironment } from './config/environment.ts';
import { type Io, systemIo } from './io.ts';
import { createBills, createMerchants, type FindBills } from './merchants/merchants.ts';
import { createReceivers, type FindReceiver } from './merchants/receivers.ts';
import { createTenantRegister, type TenantRegister } from './merchants/tenant-register.ts';
import type { Provider } from './orders/kinds.ts';
import type { Merchants } from './orders/provider-gateway.ts';
import type { Receivers } from './providers/message.ts';
import type { Bills, FromDocument, ProviderFace } from './providers/provider.ts';
import { createDocumentClient, type StoreContext } from './store/client.ts';
import { readTenantRegister } from './store/tenant-store.ts';
import { reportDocumentFailure } from './telemetry/failures.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

/** What the functions of a stage need of the world outside; all of it can be another in a test. */
export interface Surroundings {
  readonly environment: Environment;
  readonly io: Io;
  readonly client: DynamoDBDocumentClient;
  /** A configuration document's text by its name; null where there is none. */
  readonly readDocument: DocumentSource['read'];
  readonly writeLine: (line: string) => void;
}

/** What every function has. */
export interface Runtime extends Environment {
  readonly io: Io;
  readonly telemetry: Telemetry;
  readonly documents: DocumentSource;
  readonly store: StoreContext;
  /** Merchants at the providers that the function has to do with. */
  readonly merchants: (faces: readonly ProviderFace[]) => Merchants;
  readonly register: TenantRegister;
  /** The bills of all merchants. */
  readonly bills: (bills: Readonly<Record<Provider, FromDocument<Bills>>>) => FindBills;
  /** How the messages of the provider that the function is the callback of are received. */
  readonly receivers: (provider: Provider, receive: FromDocument<Receivers>) => FindReceiver;
}

/** The runtime of the function of this name, which stands in its log lines. */
export function createRuntime(name: string, surroundings: Surroundings): Runtime {
  const { environment, io, client, readDocument, writeLine } = surroundings;
  const telemetry = createTelemetry({ stage: environment.stage, function: name }, writeLine, io.now);
  const documents = { read: readDocument, onFailure: reportDocumentFailure(telemetry) };
  const store = { client, tableName: environment.tableName, io };
  const register = createTenantRegister(
    () => readTenantRegister(store),
    io.now,
    (error) => documents.onFailure('register', error),
  );
  const parts = { documents, register, io, ...environment };
  return {
    ...environment,
    io,
    telemetry,
    documents,
    store,
    register,
    merchants: (faces) => createMerchants(parts, faces),
    bills: (bills) => createBills(parts, bills),
    receivers: (provider, receive) => createReceivers(parts, provider, receive),
  };
}

/**
 * A function as Lambda runs it: made while its file is loaded, so that a cold start reads its documents meanwhile. One
 * that cannot be made fails each of its invocations with the reason.
 */
export function start<Parameters extends readonly unknown[], Result>(
  name: string,
  create: (runtime: Runtime) => (...parameters: Parameters) => Promise<Result>,
): (...parameters: Parameters) => Promise<Result> {
  try {
    return create(createRuntime(name, systemSurroundings()));
  } catch (error) {
    return async () => {
      throw error;
    };
  }
}

function systemSurroundings(): Surroundings {
  const environment = readEnvironment();
  return {
    environment,
    io: systemIo,
    client: createDocumentClient(),
    readDocument: createDocumentReader(environment.stage),
    // Not console.log, before whose lines Lambda puts text that would keep CloudWatch from reading the metrics.
    writeLine: (line) => process.stdout.write(`${line}\n`),
  };
}
