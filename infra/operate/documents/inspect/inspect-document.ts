import { DocumentError } from '../../../../lib/config/document.ts';
import type { DocumentName } from '../../../endpoints.ts';
import { documentFields } from '../document-fields.ts';
import { documentParsers } from '../document-parsers.ts';
import { inspectAlipay } from './alipay.ts';
import { inspectAuth } from './auth.ts';
import { inspectCertificates } from './certificates.ts';
import { type Finding, fault, type InspectionContext, warning } from './finding.ts';
import { inspectStripe } from './stripe.ts';
import { inspectAddresses, inspectBlanks, inspectSecretStrength } from './texts.ts';
import { inspectWebhooks } from './webhooks.ts';
import { inspectWechat } from './wechat.ts';
import { inspectWecom } from './wecom.ts';

/** What each document says beyond what its parser refuses. */
const inspections: Readonly<
  Record<DocumentName, (document: unknown, context: InspectionContext) => Finding[]>
> = {
  auth: (document) => inspectAuth(documentParsers.auth(document)),
  wechat: (document, context) => inspectWechat(document, documentParsers.wechat(document), context),
  alipay: (document) => inspectAlipay(document, documentParsers.alipay(document)),
  stripe: (document, context) => inspectStripe(documentParsers.stripe(document), context),
  wecom: (document) => inspectWecom(documentParsers.wecom(document)),
  webhooks: inspectWebhooks,
};

/**
 * Everything that is wrong with a document, or looks so: what the functions would refuse it for, found by their own
 * parsers, and what they could only find out at a payment. No finding holds a value.
 */
export function inspectDocument(
  name: DocumentName,
  document: unknown,
  context: InspectionContext,
): readonly Finding[] {
  try {
    return [
      ...inspections[name](document, context),
      ...inspectCertificates(document, context.now),
      ...inspectAddresses(document, context.stage),
      ...inspectSecretStrength(document),
      ...inspectBlanks(document),
      ...inspectNames(name, document),
    ];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    // What a field is refused for first explains the rest.
    return [...Map.groupBy(error.issues, ({ field }) => field).values()].flatMap(([first]) =>
      first ? [fault(first.field, first.reason)] : [],
    );
  }
}

/** An optional field under a wrong name would be passed over in silence. */
function inspectNames(name: DocumentName, document: unknown): Finding[] {
  const known = documentFields[name].map((field) => field.name);
  return Object.keys(document as object)
    .filter((field) => !known.includes(field))
    .map((field) => warning(field, 'is no field of this document'));
}
