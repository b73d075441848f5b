import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run webhooks`: sends an example to an endpoint, or publishes events again. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
