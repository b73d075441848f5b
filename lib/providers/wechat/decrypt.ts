import { createDecipheriv, type KeyObject } from 'node:crypto';
import { isJsonObject } from '../../json.ts';
import { MalformedMessageError, wordings } from '../message.ts';
import { decodeBase64 } from './verify.ts';

const nonceLength = 12;
const authTagLength = 16;

/**
 * The plaintext of a message's `resource`: AES-256-GCM, the tag in the last 16 bytes (docs: "证书和回调报文解密").
 * Node takes shorter tags unless told their length, so every length is checked first. Any of the keys may have sealed it.
 * @throws MalformedMessageError
 */
export function decryptResource(resource: unknown, apiv3Keys: readonly KeyObject[]): Buffer {
  if (!isJsonObject(resource)) throw new MalformedMessageError('resource', wordings.notObject);
  const { algorithm, nonce, associated_data = '', ciphertext } = resource;
  if (algorithm !== 'AEAD_AES_256_GCM')
    throw new MalformedMessageError('resource.algorithm', wordings.unsupported);
  if (typeof nonce !== 'string' || Buffer.byteLength(nonce) !== nonceLength) {
    throw new MalformedMessageError('resource.nonce', {
      zh: `须为 ${nonceLength} 字节的字符串`,
      en: `must be a string of ${nonceLength} bytes`,
    });
  }
  if (typeof associated_data !== 'string') {
    throw new MalformedMessageError('resource.associated_data', wordings.notText);
  }
  const sealed = typeof ciphertext === 'string' ? decodeBase64(ciphertext) : null;
  if (!sealed || sealed.length <= authTagLength) {
    throw new MalformedMessageError('resource.ciphertext', {
      zh: '须为 base64，且长于认证标签',
      en: 'must be base64 and longer than the authentication tag',
    });
  }
  for (const key of apiv3Keys) {
    const { decipher, plaintext } = decipherWith(key, sealed, nonce, associated_data);
    try {
      decipher.final();
      return plaintext;
    } catch {
      // Sealed under another key, or broken.
    }
  }
  throw new MalformedMessageError('resource.ciphertext', { zh: '无法解密', en: 'cannot be decrypted' });
}

/** The plaintext is good only if the decipher then ends without an error. */
function decipherWith(key: KeyObject, sealed: Buffer, nonce: string, associatedData: string) {
  // Stryker disable next-line ObjectLiteral: `decryptResource` hands over tags of this length only
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength });
  decipher.setAAD(Buffer.from(associatedData)).setAuthTag(sealed.subarray(-authTagLength));
  const plaintext = decipher.update(sealed.subarray(0, -authTagLength));
  return { decipher, plaintext };
}
