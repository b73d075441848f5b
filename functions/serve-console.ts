import { openFiles } from '../lib/console/served-files.ts';
import { createConsoleServer } from '../lib/console/server.ts';
import { readConsoleSettings } from '../lib/console/settings.ts';
import { systemIo } from '../lib/io.ts';
import { createTelemetry } from '../lib/telemetry/telemetry.ts';

/** GET /console and /docs: the files that lie beside it. It has no part in the runtime of the others: it asks nobody. */
const settings = readConsoleSettings();

export const handler = createConsoleServer({
  findFile: openFiles(import.meta.dirname),
  settings,
  telemetry: createTelemetry({ stage: settings.stage, function: 'serve-console' }),
  now: systemIo.now,
});
