import type { DocumentSource } from '../../config/documents.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../provider.ts';
import { createWechatGateway } from './gateway.ts';
import { createWechatLoader } from './loader.ts';

/** WeChat Pay under its document. `notifyUrl` is told what becomes of refunds. */
export const createWechatGatewayLoader = (
  documents: DocumentSource,
  io: Io,
  notifyUrl: string,
): (() => Promise<ProviderGateway>) =>
  createWechatLoader(documents, io, (config) => createWechatGateway(config, io, notifyUrl));
