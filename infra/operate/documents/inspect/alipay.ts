import type { AlipayConfig } from '../../../../lib/config/alipay.ts';
import { certificatesOf, isPair } from './certificates.ts';
import { type Finding, fault, warning } from './finding.ts';

export function inspectAlipay(
  document: unknown,
  { appId, sellerId, privateKey, publicKeys }: AlipayConfig,
): Finding[] {
  const { app_cert } = document as { readonly app_cert?: string };
  const [appCertificate] = certificatesOf(app_cert ?? '');
  return [
    ...(/^\d{16}$/.test(appId) ? [] : [warning('app_id', 'is usually 16 digits')]),
    ...(/^2088\d{12}$/.test(sellerId)
      ? []
      : [warning('seller_id', 'is usually 16 digits that begin with 2088')]),
    ...(publicKeys.some((key) => isPair(privateKey, key))
      ? [fault('alipay_public_key', "is the app's own key: it must be Alipay's")]
      : []),
    ...(appCertificate && !isPair(privateKey, appCertificate.publicKey)
      ? [fault('app_cert', 'does not belong to private_key')]
      : []),
  ];
}
