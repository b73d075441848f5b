import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { Invocation, WorkerData, WorkerMessage } from './protocol.ts';

export interface FunctionOptions {
  readonly name: string;
  readonly bundleUrl: string;
  readonly workerUrl: string;
  /** All that the function sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Takes each line that the function writes. */
  readonly log: (line: string) => void;
}

/** An invocation that gave no result; why is in the function's own log. */
class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

export interface ExecutionEnvironment {
  /** @throws FunctionError */
  invoke(event: unknown): Promise<unknown>;
  /** Settles when the thread has ended, however it did. */
  readonly ended: Promise<void>;
  /** Ends the thread once what is under way in it is over. */
  retire(): Promise<void>;
  stop(): Promise<void>;
}

type Pending = PromiseWithResolvers<unknown>;

/** Loads a function into a worker thread of its own. @throws Error when its bundle does not load */
export async function startExecutionEnvironment(options: FunctionOptions): Promise<ExecutionEnvironment> {
  const { name, bundleUrl, workerUrl, environment, timeoutMs, log } = options;
  const workerData: WorkerData = { bundleUrl, functionName: name };
  const worker = new Worker(new URL(workerUrl), {
    workerData,
    // A debugger shows it.
    name,
    env: { ...environment },
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  forwardLines(worker.stdout, log);
  forwardLines(worker.stderr, log);

  const pending = new Map<number, Pending>();
  const { ready, ended } = watch(worker, options, pending);
  await ready;

  let lastId = 0;
  return {
    ended,
    invoke: (event) => {
      lastId += 1;
      const id = lastId;
      const invocation: Invocation = {
        id,
        requestId: gatewayRequestId(event) ?? randomUUID(),
        event: JSON.stringify(event),
        deadline: Date.now() + timeoutMs,
      };
      const timer = setTimeout(() => {
        pending.get(id)?.reject(new FunctionError(`${name} timed out after ${timeoutMs} ms`));
      }, timeoutMs);
      const result: Pending = Promise.withResolvers();
      pending.set(id, result);
      worker.postMessage(invocation);
      return result.promise.finally(() => {
        clearTimeout(timer);
        pending.delete(id);
      });
    },
    retire: async () => {
      await Promise.allSettled([...pending.values()].map(({ promise }) => promise));
      await worker.terminate();
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** API Gateway's own id of the request, so that the id that a client was told finds the lines logged about it. */
function gatewayRequestId(event: unknown): string | undefined {
  return (event as { requestContext?: { requestId?: string } } | null)?.requestContext?.requestId;
}

function watch(worker: Worker, { name, log }: FunctionOptions, pending: ReadonlyMap<number, Pending>) {
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'ready') ready.resolve();
    else if (message.type === 'result') pending.get(message.id)?.resolve(JSON.parse(message.result));
    else pending.get(message.id)?.reject(new FunctionError(`${name} failed`));
  });
  worker.on('error', (error) => {
    log(
      JSON.stringify({ level: 'ERROR', message: 'Runtime exited', functionName: name, stack: error.stack }),
    );
    ready.reject(error);
  });
  worker.on('exit', () => {
    const error = new FunctionError(`${name} ended`);
    ready.reject(error);
    for (const invocation of pending.values()) invocation.reject(error);
    ended.resolve();
  });
  return { ready: ready.promise, ended: ended.promise };
}

function forwardLines(stream: Readable, log: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', log);
}
