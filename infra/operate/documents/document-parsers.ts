import { parseAlipayDocument } from '../../../lib/config/alipay.ts';
import { parseAuthDocument } from '../../../lib/config/auth.ts';
import { parseStripeDocument } from '../../../lib/config/stripe.ts';
import { parseWechatDocument } from '../../../lib/config/wechat.ts';
import { parseWecomDocument } from '../../../lib/config/wecom.ts';
import type { DocumentName } from '../../endpoints.ts';

/** What the functions read each document with. @throws DocumentError */
export const documentParsers = {
  auth: parseAuthDocument,
  wechat: parseWechatDocument,
  alipay: parseAlipayDocument,
  stripe: parseStripeDocument,
  wecom: parseWecomDocument,
} as const satisfies Readonly<Record<DocumentName, (document: unknown) => unknown>>;
