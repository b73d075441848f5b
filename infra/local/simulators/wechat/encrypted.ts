import { createCipheriv } from 'node:crypto';
import { randomText } from '../random.ts';

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
