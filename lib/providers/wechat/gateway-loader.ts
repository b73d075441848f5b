import { createDocumentLoader, type ReadDocument } from '../../config/documents.ts';
import { parseWechatDocument } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../provider.ts';
import { createWechatGateway } from './gateway.ts';

/** WeChat Pay under its document. `notifyUrl` is told what becomes of refunds. */
export const createWechatGatewayLoader = (
  read: ReadDocument,
  io: Io,
  notifyUrl: string,
): (() => Promise<ProviderGateway>) =>
  createDocumentLoader(read, 'wechat', (document) =>
    createWechatGateway(parseWechatDocument(document), io, notifyUrl),
  );
