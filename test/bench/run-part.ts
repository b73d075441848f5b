import { parts } from './parts.ts';

/** Runs one part in this process, which is its own, and sends what it finds to the process that started it. */

const [name = ''] = process.argv.slice(2);
const load = parts[name];
if (!load || !process.send) throw new Error('run by main.ts, with the name of a part');
const { measure } = await load();
const findings = await measure();
process.send(findings, () => process.disconnect());
