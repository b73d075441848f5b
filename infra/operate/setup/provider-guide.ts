import type { Provider } from '../../../lib/orders/kinds.ts';
import { STRIPE_API_VERSION, stripeEvents } from '../../../lib/providers/stripe/facts.ts';
import { callbackOutput } from '../../endpoints.ts';

type Outputs = Readonly<Record<string, string>>;

/** Who is to be told: the stage, or a tenant that has merchants of its own. */
export interface Guided {
  readonly stage: string;
  readonly tenant_id: number | null;
  /** The providers that it has. */
  readonly offered: readonly Provider[];
}

/** Of an endpoint that messages come to; those about a tenant's own merchant come below it. */
function addressOf(outputs: Outputs, name: string, tenant_id: number | null = null): string {
  const address = outputs[callbackOutput({ name })];
  if (address === undefined) return '(the stack does not tell: deploy it again)';
  return tenant_id === null ? address : `${address}/${tenant_id}`;
}

export const stripeCallbackUrl = (outputs: Outputs, tenant_id: number | null): string =>
  addressOf(outputs, 'stripe-callback', tenant_id);

const sections: Readonly<Record<Provider, (guided: Guided, outputs: Outputs) => readonly string[]>> = {
  stripe: ({ stage, tenant_id }, outputs) => [
    'Stripe, https://dashboard.stripe.com: Developers, Webhooks, Add destination, for your own account',
    `  address      ${stripeCallbackUrl(outputs, tenant_id)}`,
    `  API version  ${STRIPE_API_VERSION}`,
    ...stripeEvents.map((event, index) => `  ${index === 0 ? 'events      ' : '            '} ${event}`),
    `  Then reveal its signing secret: npm run setup -- --stage ${stage}${tenantOption(tenant_id)} --only stripe`,
  ],
  wechat: ({ tenant_id }, outputs) => [
    'WeChat Pay, https://pay.weixin.qq.com: it is told the addresses with every payment and refund',
    ...(tenant_id === null
      ? [
          '  产品中心, AppID账号管理: link the AppID of the mini-program',
          '  产品中心, 我的产品: JSAPI支付 for the mini-program, Native支付 for checkouts',
        ]
      : ['  产品中心, AppID账号管理: link the AppID', '  产品中心, 我的产品: Native支付 for checkouts']),
    '  交易中心, 退款配置, if your account asks for an address of refunds:',
    `    ${addressOf(outputs, 'wechat-callback', tenant_id)}`,
    ...(tenant_id === null ? [`  Payments of shop orders go to ${addressOf(outputs, 'wechat-notify')}`] : []),
  ],
  alipay: ({ tenant_id }, outputs) => [
    'Alipay, https://open.alipay.com: it is told the address with every payment',
    '  控制台, the app, 开发设置, 接口加签方式: the public key or certificate of private_key (RSA2)',
    '  产品绑定: 电脑网站支付',
    '  应用网关, if your app asks for one:',
    `    ${addressOf(outputs, 'alipay-callback', tenant_id)}`,
  ],
};

const tenantOption = (tenant_id: number | null): string =>
  tenant_id === null ? '' : ` --tenant ${tenant_id}`;

const miniProgram = ({ ApiUrl = '' }: Outputs): readonly string[] => [
  'Mini-program, https://mp.weixin.qq.com: 开发管理, 开发设置, 服务器域名, request合法域名',
  `  ${ApiUrl}`,
  '  A published one takes only a domain with an ICP record: give the stage a domain of its own for that.',
];

/** What to enter at each provider, and where, from the outputs of the stack; a line each. */
export function providerGuide(guided: Guided, outputs: Outputs): readonly string[] {
  const { tenant_id, offered } = guided;
  const all = (Object.keys(sections) as Provider[])
    .filter((provider) => offered.includes(provider))
    .map((provider) => sections[provider](guided, outputs));
  if (all.length === 0) return ['There is nothing to enter at any provider.'];
  // Orders of a shop are paid to the stage.
  const shop = tenant_id === null && offered.includes('wechat') ? [miniProgram(outputs)] : [];
  return ['Enter these at the providers:', ...[...all, ...shop].flatMap((lines) => ['', ...lines])];
}
