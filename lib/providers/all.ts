import type { Provider } from '../orders/kinds.ts';
import { alipay } from './alipay/index.ts';
import type { ProviderFace } from './provider.ts';
import { stripe } from './stripe/index.ts';
import { wechat } from './wechat/index.ts';

const faces: Readonly<Record<Provider, ProviderFace>> = { wechat, alipay, stripe };

/** Every provider there is. */
export const allProviders: readonly ProviderFace[] = Object.values(faces);
