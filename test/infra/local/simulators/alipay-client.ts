import { AlipaySdk } from 'alipay-sdk';
import type { Bench } from './bench.ts';

/** Alipay's own client, as the merchant of the bench; it verifies the signature of every answer. */
export function createAlipayClient({ counterparts }: Bench, changes: object = {}): AlipaySdk {
  const { document } = counterparts.alipay;
  return new AlipaySdk({
    appId: document.app_id,
    privateKey: document.private_key,
    keyType: 'PKCS8',
    alipayPublicKey: document.alipay_public_key,
    gateway: document.gateway_url,
    ...changes,
  });
}
