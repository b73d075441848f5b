import { createDocumentLoader, type DocumentSource } from '../../config/documents.ts';
import { parseWechatDocument, type WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { createPlatformCertificates } from './certificates.ts';

/** What `use` makes of WeChat Pay's document, to whose keys the platform certificates are added as they are met. */
export function createWechatLoader<T>(
  documents: DocumentSource,
  io: Io,
  use: (config: WechatConfig) => T,
): () => Promise<T> {
  const withPlatformCertificates = createPlatformCertificates(io);
  const parse = (document: unknown) => use(withPlatformCertificates(parseWechatDocument(document)));
  return createDocumentLoader(documents, 'wechat', parse, io.now);
}
