import { generateKeyPairSync } from 'node:crypto';

/** RSA keys of 1024 bits, as no provider has them any more, in each form in which a document may hold one. */
export function weakRsaKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return {
    keys: { privateKey, publicKey },
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: publicKey.export({ format: 'jwk' }),
  };
}
