import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { WechatRequest } from './exchange.ts';
import { requestWechat, unusableAnswer } from './request.ts';
import { type TransactionRequest, transactionFields } from './transaction.ts';

/** A code_url, which the payer's WeChat opens from a QR code; good for 2 h. @throws ProviderCallError */
export async function createNativePayment(
  config: WechatConfig,
  io: Io,
  transaction: TransactionRequest,
): Promise<string> {
  const request: WechatRequest = {
    method: 'POST',
    path: '/v3/pay/transactions/native',
    body: transactionFields(config, transaction),
  };
  const codeUrl = (await requestWechat(config, io, request))?.code_url;
  if (typeof codeUrl !== 'string' || !/^(?:weixin|https?):\/\/[!-~]{1,512}$/.test(codeUrl)) {
    throw unusableAnswer(request, 'code_url');
  }
  return codeUrl;
}
