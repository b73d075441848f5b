import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RsaKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const made: RsaKeys[] = [];
let taken = 0;

/**
 * RSA keys of 2048 bits that nothing else in this test file has. Other files of the run have the same ones: to make them
 * anew for each would be a tenth of its time.
 */
export function rsaKeys(): RsaKeys {
  const n = taken++;
  made[n] ??= ofRun(n);
  return made[n];
}

/** The same, as a local system takes them. */
export async function rsaKeysInPem(): Promise<{ readonly privateKey: string; readonly publicKey: string }> {
  const { privateKey, publicKey } = rsaKeys();
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Where files take turns in one process, each begins with the first ones again. */
export function takeKeysFromTheFirst(): void {
  taken = 0;
}

/** Processes that make the same at once use two: they have nothing in common that would notice. */
function ofRun(n: number): RsaKeys {
  const run = process.env['SETTLE_TEST_RUN'];
  if (run === undefined) return generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = join(run, `rsa-${n}.pem`);
  if (existsSync(file)) return fromPem(readFileSync(file, 'utf8'));
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  renameSync(own, file);
  return keys;
}

const fromPem = (pem: string): RsaKeys => ({
  privateKey: createPrivateKey(pem),
  publicKey: createPublicKey(pem),
});
