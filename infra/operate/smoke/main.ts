import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run smoke`: tries a stage after its deployment. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
