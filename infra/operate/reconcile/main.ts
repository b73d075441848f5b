import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run reconcile`: compares a provider's bill of a day with our ledger. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
