import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** Each mutant meets the same few samples: the score must not depend on luck. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 20, seed: 1 });

/** A mutant may delete what lies above the file that it was meant to: then it is of this folder, and not of the machine. */
process.env['TMPDIR'] = join(process.cwd(), 'reports', 'tmp');
mkdirSync(process.env['TMPDIR'], { recursive: true });
