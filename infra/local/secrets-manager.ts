import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject } from '../../lib/json.ts';
import type { DocumentName, FunctionDefinition } from '../endpoints.ts';
import { callerOf } from './access-key.ts';
import { type HttpServer, readBody, serve } from './http.ts';

type Reader = Pick<FunctionDefinition, 'name' | 'documents'>;

export interface SecretsManagerOptions {
  readonly stage: string;
  /** What is stored at first. */
  readonly documents: Readonly<Partial<Record<DocumentName, unknown>>>;
  /** Who may read what. A function's access key is its name, so a document it may not read is refused as on AWS. */
  readonly functions: readonly Reader[];
  /** Who may store documents; nobody, unless it is named. */
  readonly writer?: string;
}

/** Who has read which document so far. */
export type DocumentReads = ReadonlyMap<string, ReadonlySet<string>>;

export interface SecretsManager extends HttpServer {
  readonly reads: DocumentReads;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const MAX_BODY_BYTES = 64 * 1024;

/** AWS Secrets Manager as far as functions and operators use it, over the JSON 1.1 protocol. */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const prefix = `settle/${options.stage}/`;
  const state: State = {
    ...options,
    reads: new Map(),
    secrets: new Map(
      Object.entries(options.documents).map(([name, document]) => [prefix + name, JSON.stringify(document)]),
    ),
  };
  const server = await serve(async (request, response) => send(response, await answer(request, state)));
  return { ...server, reads: state.reads };
}

interface State extends Pick<SecretsManagerOptions, 'functions' | 'writer'> {
  readonly reads: Map<string, Set<string>>;
  /** By name. */
  readonly secrets: Map<string, string>;
}

type Input = Readonly<Record<string, unknown>>;

type Operation = (state: State, caller: string, input: Input) => Answer;

const operations: Readonly<Record<string, Operation>> = {
  'secretsmanager.GetSecretValue': getSecretValue,
  'secretsmanager.CreateSecret': createSecret,
  'secretsmanager.PutSecretValue': putSecretValue,
};

async function answer(request: IncomingMessage, state: State): Promise<Answer> {
  const input = parse(await readBody(request, MAX_BODY_BYTES));
  const operation = operations[String(request.headers['x-amz-target'])];
  if (!operation) return failure('UnknownOperationException', 'this operation is not served');
  return operation(state, callerOf(request) ?? '', input);
}

function getSecretValue({ secrets, functions, reads }: State, caller: string, input: Input): Answer {
  const id = String(input['SecretId']);
  const SecretString = secrets.get(id);
  if (SecretString === undefined) return notFound;
  const name = id.slice(id.lastIndexOf('/') + 1);
  const reader = functions.find((definition) => definition.name === caller);
  if (!reader?.documents.some((readable) => readable === name)) return denied('GetSecretValue', id);
  reads.set(reader.name, (reads.get(reader.name) ?? new Set()).add(name));
  return { status: 200, body: { ...described(id), SecretString, VersionStages: ['AWSCURRENT'] } };
}

function createSecret({ secrets, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['Name']);
  if (caller !== writer) return denied('CreateSecret', id);
  if (secrets.has(id)) return failure('ResourceExistsException', 'a resource with this ID exists');
  secrets.set(id, String(input['SecretString']));
  return { status: 200, body: described(id) };
}

function putSecretValue({ secrets, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['SecretId']);
  if (caller !== writer) return denied('PutSecretValue', id);
  if (!secrets.has(id)) return notFound;
  secrets.set(id, String(input['SecretString']));
  return { status: 200, body: { ...described(id), VersionStages: ['AWSCURRENT'] } };
}

const described = (id: string) => ({
  ARN: `arn:aws:secretsmanager:local:000000000000:secret:${id}-local0`,
  Name: id,
  VersionId: randomUUID(),
});

function parse(body: Buffer | null): Input {
  try {
    const value: unknown = JSON.parse(String(body));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

const denied = (action: string, id: string): Answer =>
  failure('AccessDeniedException', `not authorized to perform secretsmanager:${action} on ${id}`);

const notFound = failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, Message: message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
