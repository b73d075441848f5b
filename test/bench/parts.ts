import type { Findings } from './figure.ts';

type Part = () => Promise<Findings>;

/** Every part of the benchmark, in the order of the table. A part is loaded only in the process that runs it. */
export const parts: Readonly<Record<string, () => Promise<{ readonly measure: Part }>>> = {
  'cold-start': () => import('./cold-start/measure.ts'),
  'warm-wechat': () => import('./warm/wechat.ts'),
  'warm-alipay': () => import('./warm/alipay.ts'),
  'warm-stripe': () => import('./warm/stripe.ts'),
  bundles: () => import('./bundles/measure.ts'),
  requests: () => import('./requests/measure.ts'),
  scale: () => import('./scale/measure.ts'),
  cost: () => import('./cost/measure.ts'),
};
