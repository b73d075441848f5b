import { DocumentError } from '../../../../lib/config/document.ts';
import type { DocumentName } from '../../../endpoints.ts';
import { documentParsers } from '../../documents/document-parsers.ts';
import { documentFields } from '../document-fields.ts';
import { inspectAddresses } from './addresses.ts';
import { inspectAlipay } from './alipay.ts';
import { inspectAuth } from './auth.ts';
import { inspectCertificates } from './certificates.ts';
import { type Finding, fault, type InspectionContext, warning } from './finding.ts';
import { inspectSecretStrength } from './secret-strength.ts';
import { inspectStripe } from './stripe.ts';
import { textsIn } from './texts.ts';
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

/** As it comes of copying; around a PEM it does no harm. */
function inspectBlanks(document: unknown): Finding[] {
  return textsIn(document)
    .filter(({ text }) => text !== text.trim() && !text.includes('-----BEGIN') && text.length < 300)
    .map(({ field }) => fault(field, 'begins or ends with white space'));
}

/** An optional field under a wrong name would be passed over in silence. */
function inspectNames(name: DocumentName, document: unknown): Finding[] {
  const known = documentFields[name].map((field) => field.name);
  return Object.keys(document as object)
    .filter((field) => !known.includes(field))
    .map((field) => warning(field, 'is no field of this document'));
}
