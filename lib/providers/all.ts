import type { Provider } from '../orders/kinds.ts';
import { alipay } from './alipay/index.ts';
import type { ProviderFace } from './provider.ts';
import { stripe } from './stripe/index.ts';
import { wechat } from './wechat/index.ts';

/** The face of each provider. */
export const faces = { wechat, alipay, stripe } as const satisfies Readonly<Record<Provider, ProviderFace>>;

/** Every provider there is. */
export const allProviders: readonly ProviderFace[] = Object.values(faces);
