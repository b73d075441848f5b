/** Something that is wrong with a field of a document, in words that follow the field's name. Never holds a value. */
export interface Finding {
  /** A fault keeps the document from being stored; a warning is for somebody to judge. */
  readonly level: 'fault' | 'warning';
  readonly field: string;
  readonly problem: string;
}

/** What a document is held against besides its own fields. */
export interface InspectionContext {
  readonly stage: string;
  /** Whether it is a part of a tenant's document. */
  readonly isTenants?: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** PEM; WeChat Pay's `apiclient_cert.pem`, which no document holds, where it is at hand. */
  readonly merchantCertificate?: string | undefined;
}

export const fault = (field: string, problem: string): Finding => ({ level: 'fault', field, problem });
export const warning = (field: string, problem: string): Finding => ({ level: 'warning', field, problem });

/** `wechat: apiv3_key must have exactly 32 bytes` */
export const describeFinding = (document: string, { field, problem }: Finding): string =>
  `${document}: ${field} ${problem}`;
