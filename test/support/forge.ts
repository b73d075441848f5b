import type { Provider } from '../../lib/orders/kinds.ts';
import type { RawMessage } from '../../lib/providers/message.ts';

/** What can stand behind a message of each provider without being seen by whoever does not verify it. */
const additions: Readonly<Record<Provider, string>> = { wechat: ' ', alipay: '&extra=1', stripe: ' ' };

/** The same message with bytes that were not signed. */
export const forge = (provider: Provider, { headers, body }: RawMessage): RawMessage => ({
  headers,
  body: Buffer.concat([body, Buffer.from(additions[provider])]),
});
