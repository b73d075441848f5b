import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { run } from './run.ts';

/** `npm run doctor`: looks at a deployed stage from outside and says what is wrong with it. */
await runAsProcess((words, streams) => run(words, { variables: process.env, io: systemIo, ...streams }));
