import { parentPort, workerData } from 'node:worker_threads';
import type { Context } from 'aws-lambda';
import type { Invocation, WorkerData, WorkerMessage } from './protocol.ts';

/** Runs one function's bundle in this thread, as Lambda's runtime would in a process. */

const { bundleUrl, functionName } = workerData as WorkerData;
const { handler } = await import(bundleUrl);
if (typeof handler !== 'function') throw new Error(`${functionName} exports no handler`);

parentPort?.on('message', async ({ id, event, requestId, deadline }: Invocation) => {
  try {
    const result = await handler(JSON.parse(event), createContext(requestId, deadline));
    send({ type: 'result', id, result: JSON.stringify(result ?? null) });
  } catch (error) {
    logFailure(error, requestId);
    send({ type: 'error', id });
  }
});
send({ type: 'ready' });

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function createContext(requestId: string, deadline: number): Omit<Context, 'done' | 'fail' | 'succeed'> {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '1024',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

/** The line that Lambda's runtime writes for an error that a function lets through. */
function logFailure(error: unknown, requestId: string): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(
    JSON.stringify({
      level: 'ERROR',
      message: 'Invoke Error',
      requestId,
      functionName,
      errorType: name,
      errorMessage: message,
      stackTrace: stack?.split('\n'),
    }),
  );
}
