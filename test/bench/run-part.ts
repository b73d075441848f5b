import { parts } from './parts.ts';

/** Runs one part in this process, which is its own, and sends what it finds to the process that started it. */

// Ends with whoever started it, however that ended, so that what is removed on exit is.
for (const end of ['disconnect', 'SIGINT', 'SIGTERM'] as const) process.once(end, () => process.exit());

const [name = ''] = process.argv.slice(2);
const load = parts[name];
if (!load || !process.send) throw new Error('run by main.ts, with the name of a part');
const { measure } = await load();
const findings = await measure();
process.send(findings, () => process.disconnect());
