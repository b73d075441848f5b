import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run erase`: takes a user out of the orders that are over. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
