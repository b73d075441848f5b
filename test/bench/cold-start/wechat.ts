import { startLoopbackServer } from '../../support/loopback-server.ts';
import { startTlsProxy, type TlsIdentity } from '../../support/tls-proxy.ts';
import type { WechatParty } from '../../support/wechat.ts';

export interface LoopbackWechat extends AsyncDisposable {
  /** Where it is called. */
  readonly url: string;
}

/** WeChat Pay on this machine, over TLS: it begins every payment that it is asked to, in an answer that it signs. */
export async function startLoopbackWechat(
  party: WechatParty,
  identity: TlsIdentity,
): Promise<LoopbackWechat> {
  await using started = new AsyncDisposableStack();
  const answers = started.adopt(
    await startLoopbackServer(({ path }) => answerTo(path, party)),
    async (server) => void (await server.close()),
  );
  const proxy = started.adopt(await startTlsProxy(answers.baseUrl, identity), (part) => part.stop());
  const running = started.move();
  return { url: proxy.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A page or a prepay_id as long as those of WeChat Pay's documentation. */
function answerTo(path: string, { signBody }: WechatParty) {
  const begun = path.endsWith('/jsapi')
    ? { prepay_id: `wx${'0'.repeat(34)}` }
    : { code_url: `weixin://wxpay/bizpayurl?pr=${'p'.repeat(9)}` };
  const body = JSON.stringify(begun);
  return { headers: { 'content-type': 'application/json', ...signBody(body) }, body };
}
