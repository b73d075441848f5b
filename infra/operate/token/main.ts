import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run token`: a token for a first try of a stage. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
