import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DocumentName, FunctionDefinition } from '../endpoints.ts';
import { accessKeyOf } from './access-key.ts';
import { type HttpServer, readBody, serve } from './http.ts';

type Reader = Pick<FunctionDefinition, 'name' | 'documents'>;

export interface SecretsManagerOptions {
  readonly stage: string;
  readonly documents: Readonly<Record<DocumentName, unknown>>;
  /** Who may read what. A function's access key is its name, so a document it may not read is refused as on AWS. */
  readonly functions: readonly Reader[];
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

/** AWS Secrets Manager as far as a function uses it: GetSecretValue, over the JSON 1.1 protocol. */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const version = randomUUID();
  const reads = new Map<string, Set<string>>();
  const server = await serve(async (request, response) =>
    send(response, await answer(request, options, version, reads)),
  );
  return { ...server, reads };
}

async function answer(
  request: IncomingMessage,
  options: SecretsManagerOptions,
  version: string,
  reads: Map<string, Set<string>>,
): Promise<Answer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
    return failure('UnknownOperationException', 'only GetSecretValue is served');
  }
  const id = secretId(body);
  const found = Object.entries(options.documents).find(([name]) => id === `settle/${options.stage}/${name}`);
  if (!found) return failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const [name, document] = found;
  const caller = options.functions.find((definition) => definition.name === accessKeyOf(request));
  if (!caller?.documents.some((readable) => readable === name)) {
    return failure(
      'AccessDeniedException',
      `not authorized to perform secretsmanager:GetSecretValue on ${id}`,
    );
  }
  reads.set(caller.name, (reads.get(caller.name) ?? new Set()).add(name));
  return {
    status: 200,
    body: {
      ARN: `arn:aws:secretsmanager:local:000000000000:secret:${id}-local0`,
      Name: id,
      SecretString: JSON.stringify(document),
      VersionId: version,
      VersionStages: ['AWSCURRENT'],
    },
  };
}

function secretId(body: Buffer | null): unknown {
  try {
    return JSON.parse(String(body)).SecretId;
  } catch {
    return undefined;
  }
}

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, Message: message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
