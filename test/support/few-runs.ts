import fc from 'fast-check';

/** For `npm run unit`: each property meets fewer cases there, unless it says how many it needs. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 10 });
