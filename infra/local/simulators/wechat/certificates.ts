import { X509Certificate } from 'node:crypto';
import type { WechatCounterpart } from '../../documents.ts';
import { rfc3339Beijing } from '../beijing-time.ts';
import type { Answer } from '../http.ts';
import { type Answers, NO_CERTIFICATE } from './answers.ts';
import { encrypted } from './encrypted.ts';

/** The platform certificate in use (docs: "获取商户当前可用的平台证书"); a merchant that uses a public key has none. */
export function listCertificates(counterpart: WechatCounterpart, answers: Answers): Answer {
  const { platformCertificate, document } = counterpart;
  if (platformCertificate === undefined) return answers.refuse(NO_CERTIFICATE);
  const { serialNumber, validFromDate, validToDate } = new X509Certificate(platformCertificate);
  const entry = {
    serial_no: serialNumber,
    effective_time: rfc3339Beijing(validFromDate.getTime()),
    expire_time: rfc3339Beijing(validToDate.getTime()),
    encrypt_certificate: encrypted(platformCertificate, document.apiv3_key, 'certificate'),
  };
  return answers.succeed({ data: [entry] });
}
