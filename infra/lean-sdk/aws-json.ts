import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, createPost } from './post.ts';
import { createSigner } from './sign.ts';

export interface Service {
  /** Signs requests, and begins the host's name. */
  readonly name: string;
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
  /** The variable that names an address in place of AWS's own. */
  readonly endpointVariable: string;
}

/** As much of the configuration of an SDK's client as is used here, under the SDK's names. */
export interface ClientConfig {
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** @throws AwsError when the service refuses, or what `Post` throws */
export type Call = (operation: string, input: unknown, signal?: AbortSignal) => Promise<AwsOutput>;

export type AwsOutput = Readonly<Record<string, unknown>>;

/** A refusal, in the shape in which the SDK throws it: fields of the service beside these. */
export interface AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
}

const LONGEST_RETRY_DELAY_MS = 100;

/**
 * A client of a service that speaks AWS JSON (Smithy: `aws.protocols#awsJson1_0` and `1_1`), at the address and in
 * the region that the environment names.
 * @throws Error when it names no region
 */
export function createAwsJsonClient(service: Service, config: ClientConfig): Call {
  const { name, target, jsonVersion, endpointVariable } = service;
  const region = process.env['AWS_REGION'];
  if (!region) throw new Error('environment variable AWS_REGION is missing');
  const url = new URL(process.env[endpointVariable] ?? awsAddress(name, region));
  const { connectionTimeout, requestTimeout } = config.requestHandler;
  const post = createPost(url, {
    connectionTimeout_ms: connectionTimeout,
    requestTimeout_ms: requestTimeout,
  });
  const sign = createSigner(name, region);

  const attempt = async (operation: string, body: string, signal: AbortSignal | undefined) => {
    const headers = {
      'content-type': `application/x-amz-json-${jsonVersion}`,
      host: url.host,
      'x-amz-target': `${target}.${operation}`,
    };
    return readOutput(await post(await sign(headers, body), body, signal));
  };

  return async (operation, input, signal) => {
    const body = JSON.stringify(input);
    for (let left = config.maxAttempts - 1; ; left -= 1) {
      try {
        return await attempt(operation, body, signal);
      } catch (error) {
        if (left <= 0 || !mayPass(error)) throw error;
        await sleep(Math.random() * LONGEST_RETRY_DELAY_MS);
      }
    }
  };
}

/** China's regions have a domain of their own (AWS: "China Regions endpoints"). */
export function awsAddress(name: string, region: string): string {
  return `https://${name}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function readOutput({ status, body }: Answer): AwsOutput {
  const output = parse(body);
  if (status === 200 && output) return output;
  const { __type, message, Message, ...fields } = output ?? {};
  const error = new Error(String(message ?? Message ?? `status ${status}`));
  // A shape's name may have its namespace before it.
  error.name = String(__type ?? 'UnknownError').replace(/^.*#/, '');
  throw Object.assign(error, fields, { $metadata: { httpStatusCode: status } }) satisfies AwsError;
}

/** Null for what is no JSON, such as a page of something in between. */
function parse(body: string): AwsOutput | null {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Whether another attempt may do better: no answer, an error of the service's own, or too many requests. */
function mayPass(error: unknown): boolean {
  const { name, $metadata } = error as Partial<AwsError>;
  return ($metadata?.httpStatusCode ?? 500) >= 500 || name === 'ThrottlingException';
}
