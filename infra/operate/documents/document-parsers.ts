import { parseAuthDocument } from '../../../lib/config/auth.ts';
import { parseWebhooksDocument } from '../../../lib/config/webhooks.ts';
import { parseWecomDocument } from '../../../lib/config/wecom.ts';
import { faces } from '../../../lib/providers/all.ts';
import type { DocumentName } from '../../endpoints.ts';

/** What the functions read each document with. @throws DocumentError */
export const documentParsers = {
  auth: parseAuthDocument,
  wechat: faces.wechat.parseDocument,
  alipay: faces.alipay.parseDocument,
  stripe: faces.stripe.parseDocument,
  wecom: parseWecomDocument,
  // What leads to the machine that reads it is found with all other addresses that do.
  webhooks: (document: unknown) => parseWebhooksDocument('webhooks', document, { allowLoopback: true }),
} as const satisfies Readonly<Record<DocumentName, (document: unknown) => unknown>>;
