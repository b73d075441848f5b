import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { functionsDirectory } from '../../../infra/bundling/bundle-options.ts';
import { bundleFunctions } from '../../../infra/local/lambda/bundle.ts';
import type { RawMessage } from '../../../lib/providers/message.ts';
import type { Findings } from '../figure.ts';
import { ratioOf, spreadOf } from '../measure.ts';
import type { Contest } from './contest.ts';
import type { HandlerSamples, HandlerTask } from './handler-process.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What a whole callback costs in a warm function, beside one write of the same items with the SDK. */
export async function measureHandling(contest: Contest): Promise<Findings> {
  return toFindings(contest, await takeSamples(contest));
}

async function takeSamples({ provider, document, messages }: Contest): Promise<HandlerSamples> {
  await using started = new AsyncDisposableStack();
  const bundles = await bundleFunctions({ directory: functionsDirectory, names: [`${provider}-callback`] });
  started.defer(bundles.remove);
  const start = (path: string, options: Parameters<typeof fork>[2], args: readonly string[] = []) =>
    started.adopt(fork(file(path), args, options), stop);
  const answerer = start('./answerer.ts', {}, [JSON.stringify(document)]);
  const [answererUrl] = (await once(answerer, 'message')) as [string];
  const measured = start('./handler-process.ts', {
    serialization: 'advanced',
    // A pipe, as on Lambda. What the handler logs is of no interest.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: environment(answererUrl),
  });
  measured.stdout?.resume();
  const task: HandlerTask = {
    bundleUrl: bundles.url(`${provider}-callback`),
    answererUrl,
    events: messages.map(toEvent),
  };
  measured.send(task);
  // Awaited here: the processes end as this returns.
  return await answerOf(measured);
}

function toFindings({ provider }: Contest, { handler, write }: HandlerSamples): Findings {
  const ratio = ratioOf(handler, write);
  return {
    figures: [
      {
        part: 'warm CPU',
        subject: `${provider}: the whole callback, settling`,
        against: 'one TransactWriteItems of the same items with the SDK',
        value: ratio.median,
        spread: [ratio.low, ratio.high],
        unit: '×',
        goal: { bound: 'at most', limit: 1.25 },
      },
    ],
    tables: [
      {
        title: `CPU for a whole callback of ${provider}`,
        note: 'Over plain HTTP to a process that answers at once; TLS would cost both the same. Medians.',
        columns: ['contestant', 'µs'],
        rows: [
          ['Settle', spreadOf(handler).median],
          ['one TransactWriteItems with the SDK', spreadOf(write).median],
        ],
      },
    ],
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

/** @throws Error when it ends without an answer */
async function answerOf(child: ChildProcess): Promise<HandlerSamples> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the measured process ended with ${code}`);
  });
  const [samples] = (await Promise.race([once(child, 'message'), ended])) as [HandlerSamples];
  ended.catch(() => {});
  return samples;
}

const environment = (endpoint: string) => ({
  PATH: process.env['PATH'],
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  TABLE_NAME: 'settle-bench',
  STAGE: 'bench',
  PUBLIC_URL: 'https://pay.example',
});

/** As API Gateway hands a message over: forms in base64. */
function toEvent({ headers, body }: RawMessage): APIGatewayProxyEventV2 {
  const isBase64Encoded = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return {
    headers,
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  } as APIGatewayProxyEventV2;
}
