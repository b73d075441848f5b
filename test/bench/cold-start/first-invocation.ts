import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * A fresh process that does what Lambda's runtime does: import the bundle, then invoke the handler. Its arguments
 * are the bundle's address and the event; it writes an `Invocation` to descriptor 3.
 */

export interface Cost {
  readonly wall_ms: number;
  /** Of all threads of the process. */
  readonly cpu_ms: number;
}

export interface Invocation {
  readonly imported: Cost;
  readonly invoked: Cost;
  readonly result: unknown;
}

const RESULT_DESCRIPTOR = 3;
const [bundleUrl = '', event = ''] = process.argv.slice(2);

function clock(): Cost {
  const { user, system } = process.cpuUsage();
  return { wall_ms: performance.now(), cpu_ms: (user + system) / 1_000 };
}

const between = (start: Cost, end: Cost): Cost => ({
  wall_ms: end.wall_ms - start.wall_ms,
  cpu_ms: end.cpu_ms - start.cpu_ms,
});

const context = {
  functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  getRemainingTimeInMillis: () => 10_000,
};
// Lambda's runtime has it loaded, to ask for invocations.
createRequire(import.meta.url)('node:http');
const parsedEvent = JSON.parse(event);
const started = clock();
const { handler } = await import(bundleUrl);
const imported = clock();
const result = await handler(parsedEvent, context);
const invoked = clock();

const invocation: Invocation = {
  imported: between(started, imported),
  invoked: between(imported, invoked),
  result: result ?? null,
};
writeSync(RESULT_DESCRIPTOR, JSON.stringify(invocation));
// Connections are kept open for the next invocation, which does not come.
process.exit(0);
