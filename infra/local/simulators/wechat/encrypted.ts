import { createCipheriv, createDecipheriv } from 'node:crypto';
import { randomText } from '../random.ts';

const TAG_BYTES = 16;

/** What WeChat Pay hands over in secret: AES-256-GCM under the APIv3 key, in base64, the tag behind the ciphertext. */
export function encrypted(text: string, key: string, associated_data: string) {
  const nonce = randomText(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(associated_data));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: ciphertext.toString('base64'),
    associated_data,
    nonce,
  };
}

/** What was handed over so. @throws Error for what was encrypted with another key, or is nothing of the kind */
export function decrypted(
  { ciphertext, associated_data, nonce }: Omit<ReturnType<typeof encrypted>, 'algorithm'>,
  key: string,
): string {
  const sealed = Buffer.from(ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(associated_data))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return decipher.update(sealed.subarray(0, -TAG_BYTES)).toString() + decipher.final().toString();
}
