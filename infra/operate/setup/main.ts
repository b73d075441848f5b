import { runAsProcess } from '../../command/run-command.ts';
import { openPrompts } from './prompts.ts';
import { run } from './run.ts';

/** `npm run setup`: checks the documents of a stage, stores them, and says what is to be done next. */
await runAsProcess((words, streams) =>
  run(words, {
    variables: process.env,
    now: Date.now,
    fetch,
    prompts: openPrompts(process.stdin, process.stdout),
    ...streams,
  }),
);
