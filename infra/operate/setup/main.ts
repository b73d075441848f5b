import { systemIo } from '../../../lib/io.ts';
import { runAsProcess } from '../../command/run-command.ts';
import { openPrompts } from './prompts.ts';
import { run } from './run.ts';

/** `npm run setup`: checks the documents of a stage, stores them, and says what is to be done next. */
await runAsProcess((words, streams) =>
  run(words, {
    variables: process.env,
    io: systemIo,
    prompts: openPrompts(process.stdin, process.stdout),
    ...streams,
  }),
);
