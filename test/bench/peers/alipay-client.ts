import { AlipaySdk } from 'alipay-sdk';

export interface AlipaySecret {
  readonly app_id: string;
  readonly private_key: string;
  readonly alipay_public_key: string;
}

/** It takes its keys as text only. */
export const createAlipayClient = ({ app_id, private_key, alipay_public_key }: AlipaySecret): AlipaySdk =>
  new AlipaySdk({
    appId: app_id,
    privateKey: bareKey(private_key),
    alipayPublicKey: bareKey(alipay_public_key),
    keyType: 'PKCS8',
  });

/** The package puts the lines around a key itself. */
function bareKey(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s/g, '');
}
