import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run trigger`: makes something go wrong in the local system. */
await runAsProcess((words, streams) =>
  run(words, { variables: process.env, fetch: globalThis.fetch, ...streams }),
);
