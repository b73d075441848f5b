import { type KeyObject, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { appCertificateSerial, rootCertificateSerial } from './alipay-certificates.ts';
import {
  baseUrl,
  callbackKeys,
  currentAndPrevious,
  formerMerchants,
  identifier,
  isWeakRsaKey,
  parseDocument,
  rsaPrivateKey,
  rsaPublicKey,
  text,
  weakRsaKey,
} from './document.ts';

export interface AlipayConfig {
  readonly appId: string;
  readonly sellerId: string;
  /** As `alipayMerchant` names it. */
  readonly merchant: string;
  readonly former: readonly string[];
  /** The app's own key, which signs requests. */
  readonly privateKey: KeyObject;
  /** Alipay's keys: what it sends and answers verifies with one of them. */
  readonly publicKeys: readonly KeyObject[];
  readonly callbackKeys: readonly Buffer[];
  readonly gatewayUrl: string;
  /** Set in certificate mode. */
  readonly certificates: CertificateSerials | null;
}

export interface CertificateSerials {
  readonly appCertSn: string;
  readonly rootCertSn: string;
}

/** A merchant: Alipay's messages name it by app and seller. */
export const alipayMerchant = (appId: string, sellerId: string): string => `${appId}.${sellerId}`;

const appCertificate = text.check(z.refine((pem) => !certifiesWeakKey(pem), { error: weakRsaKey }));

const schema = z
  .object({
    app_id: identifier,
    seller_id: identifier,
    former: formerMerchants,
    private_key: rsaPrivateKey,
    alipay_public_key: currentAndPrevious(rsaPublicKey),
    callback_keys: callbackKeys,
    gateway_url: z._default(baseUrl, 'https://openapi.alipay.com/gateway.do'),
    app_cert: z.optional(serialField(appCertificateSerial, appCertificate)),
    alipay_root_cert: z.optional(serialField(rootCertificateSerial)),
  })
  .check((context) => {
    const { app_cert, alipay_root_cert } = context.value;
    if ((app_cert === undefined) === (alipay_root_cert === undefined)) return;
    const missing = app_cert === undefined ? 'app_cert' : 'alipay_root_cert';
    const message = 'is missing: certificate mode needs both certificates';
    context.issues.push({ code: 'custom', path: [missing], message, input: undefined });
  });

/** @throws DocumentError */
export function parseAlipayDocument(document: unknown): AlipayConfig {
  const fields = parseDocument('alipay', schema, document);
  const { app_cert: appCertSn, alipay_root_cert: rootCertSn } = fields;
  return {
    appId: fields.app_id,
    sellerId: fields.seller_id,
    merchant: alipayMerchant(fields.app_id, fields.seller_id),
    former: fields.former,
    privateKey: fields.private_key,
    publicKeys: fields.alipay_public_key,
    callbackKeys: fields.callback_keys,
    gatewayUrl: fields.gateway_url,
    certificates: appCertSn && rootCertSn ? { appCertSn, rootCertSn } : null,
  };
}

/** What is no certificate is refused in the next step. */
function certifiesWeakKey(pem: string): boolean {
  try {
    return isWeakRsaKey(new X509Certificate(pem).publicKey);
  } catch {
    return false;
  }
}

function serialField(serialOf: (pem: string) => string, certificate = text) {
  return z.pipe(
    certificate,
    z.transform((pem: string, context) => {
      try {
        return serialOf(pem);
      } catch {
        context.issues.push({ code: 'custom', message: 'must be a PEM certificate', input: undefined });
        return z.NEVER;
      }
    }),
  );
}
