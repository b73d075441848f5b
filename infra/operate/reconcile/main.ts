import { systemIo } from '../../../lib/io.ts';
import { run } from './run.ts';

/** `npm run reconcile`: compares a provider's bill of a day with our ledger. */
process.exitCode = await run(process.argv.slice(2), {
  variables: process.env,
  io: systemIo,
  output: process.stdout,
  errors: process.stderr,
});
