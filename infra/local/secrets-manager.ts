import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject } from '../../lib/json.ts';
import { type FunctionDefinition, readableNames } from '../endpoints.ts';
import { callerOf } from './access-key.ts';
import { type HttpServer, readBody, serve } from './http.ts';

type Reader = Pick<FunctionDefinition, 'name' | 'documents'>;

export interface SecretsManagerOptions {
  readonly stage: string;
  /** What is stored at first, by its name below the stage; null is not there. */
  readonly documents: Readonly<Record<string, unknown>>;
  /** Who may read what. A function's access key is its name, so a document it may not read is refused as on AWS. */
  readonly functions: readonly Reader[];
  /** Who may store, delete and list documents; nobody, unless it is named. */
  readonly writer?: string;
}

/** Who has read which document so far, as its function's permissions name it. */
export type DocumentReads = ReadonlyMap<string, ReadonlySet<string>>;

export interface SecretsManager extends HttpServer {
  readonly reads: DocumentReads;
  /** What is stored under a name below the stage by now; null where there is nothing. */
  stored(name: string): string | null;
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
    prefix,
    reads: new Map(),
    deleted: new Set(),
    secrets: new Map(
      Object.entries(options.documents).flatMap(([name, document]) =>
        document === null || document === undefined ? [] : [[prefix + name, JSON.stringify(document)]],
      ),
    ),
  };
  const server = await serve(async (request, response) => send(response, await answer(request, state)));
  const stored = (name: string) =>
    state.deleted.has(prefix + name) ? null : (state.secrets.get(prefix + name) ?? null);
  return { ...server, reads: state.reads, stored };
}

interface State extends Pick<SecretsManagerOptions, 'functions' | 'writer'> {
  readonly prefix: string;
  readonly reads: Map<string, Set<string>>;
  /** By name. */
  readonly secrets: Map<string, string>;
  /** Those of them that are to be deleted, and can be restored. */
  readonly deleted: Set<string>;
}

type Input = Readonly<Record<string, unknown>>;

type Operation = (state: State, caller: string, input: Input) => Answer;

const operations: Readonly<Record<string, Operation>> = {
  'secretsmanager.GetSecretValue': getSecretValue,
  'secretsmanager.ListSecrets': listSecrets,
  'secretsmanager.CreateSecret': createSecret,
  'secretsmanager.PutSecretValue': putSecretValue,
  'secretsmanager.DeleteSecret': deleteSecret,
  'secretsmanager.RestoreSecret': restoreSecret,
};

async function answer(request: IncomingMessage, state: State): Promise<Answer> {
  const input = parse(await readBody(request, MAX_BODY_BYTES));
  const target = String(request.headers['x-amz-target']);
  const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
  if (!operation) return failure('UnknownOperationException', 'this operation is not served');
  return operation(state, callerOf(request) ?? '', input);
}

function getSecretValue(
  { prefix, secrets, deleted, functions, reads }: State,
  caller: string,
  input: Input,
): Answer {
  const id = String(input['SecretId']);
  const SecretString = secrets.get(id);
  if (SecretString === undefined) return notFound;
  const name = id.slice(prefix.length);
  const reader = functions.find((definition) => definition.name === caller);
  if (!reader || !readableNames(reader).some((readable) => isMeant(readable, name))) {
    return denied('GetSecretValue', id);
  }
  if (deleted.has(id)) return marked;
  reads.set(reader.name, (reads.get(reader.name) ?? new Set()).add(kindOf(name)));
  return { status: 200, body: { ...described(id), SecretString, VersionStages: ['AWSCURRENT'] } };
}

const isMeant = (readable: string, name: string): boolean =>
  readable.endsWith('*') ? name.startsWith(readable.slice(0, -1)) : name === readable;

/** What a document is in the table of functions. */
function kindOf(name: string): string {
  const [first = ''] = name.split('/');
  return first === 'merchants' ? 'former' : first;
}

const PAGE_SIZE = 100;

/** By the beginning of their names; what is to be deleted is left out. */
function listSecrets({ secrets, deleted, writer }: State, caller: string, input: Input): Answer {
  if (caller !== writer) return denied('ListSecrets', '*');
  const { Filters = [], NextToken = '0' } = input as {
    readonly Filters?: readonly { readonly Values: readonly string[] }[];
    readonly NextToken?: string;
  };
  const found = [...secrets.keys()].filter(
    (id) => !deleted.has(id) && Filters.every(({ Values }) => Values.some((value) => id.startsWith(value))),
  );
  const end = Number(NextToken) + PAGE_SIZE;
  const SecretList = found.slice(Number(NextToken), end).map((id) => ({ ...described(id) }));
  return { status: 200, body: { SecretList, ...(end < found.length && { NextToken: String(end) }) } };
}

function createSecret({ secrets, deleted, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['Name']);
  if (caller !== writer) return denied('CreateSecret', id);
  if (deleted.has(id)) return marked;
  if (secrets.has(id)) return failure('ResourceExistsException', 'a resource with this ID exists');
  secrets.set(id, String(input['SecretString']));
  return { status: 200, body: described(id) };
}

function putSecretValue({ secrets, deleted, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['SecretId']);
  if (caller !== writer) return denied('PutSecretValue', id);
  if (!secrets.has(id)) return notFound;
  if (deleted.has(id)) return marked;
  secrets.set(id, String(input['SecretString']));
  return { status: 200, body: { ...described(id), VersionStages: ['AWSCURRENT'] } };
}

function deleteSecret({ secrets, deleted, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['SecretId']);
  if (caller !== writer) return denied('DeleteSecret', id);
  if (!secrets.has(id)) return notFound;
  deleted.add(id);
  return { status: 200, body: described(id) };
}

function restoreSecret({ secrets, deleted, writer }: State, caller: string, input: Input): Answer {
  const id = String(input['SecretId']);
  if (caller !== writer) return denied('RestoreSecret', id);
  if (!secrets.has(id)) return notFound;
  deleted.delete(id);
  return { status: 200, body: described(id) };
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

const marked = failure(
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
);

const notFound = failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, Message: message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
