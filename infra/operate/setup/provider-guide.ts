import { STRIPE_API_VERSION, stripeEvents } from '../../../lib/providers/stripe/facts.ts';
import { callbackOutput } from '../../endpoints.ts';

type Outputs = Readonly<Record<string, string>>;

const addressOf = (outputs: Outputs, name: string): string =>
  outputs[callbackOutput({ name })] ?? '(the stack does not tell: deploy it again)';

export const stripeCallbackUrl = (outputs: Outputs): string => addressOf(outputs, 'stripe-callback');

/** What to enter at each provider, and where, from the outputs of the stack; a line each. */
export function providerGuide(stage: string, outputs: Outputs): readonly string[] {
  const { ApiUrl = '' } = outputs;
  return [
    'Enter these at the providers:',
    '',
    'Stripe, https://dashboard.stripe.com: Developers, Webhooks, Add destination, for your own account',
    `  address      ${stripeCallbackUrl(outputs)}`,
    `  API version  ${STRIPE_API_VERSION}`,
    ...stripeEvents.map((event, index) => `  ${index === 0 ? 'events      ' : '            '} ${event}`),
    `  Then reveal its signing secret: npm run setup -- --stage ${stage} --only stripe`,
    '',
    'WeChat Pay, https://pay.weixin.qq.com: it is told the addresses with every payment and refund',
    '  产品中心, AppID账号管理: link the AppID of the mini-program',
    '  产品中心, 我的产品: JSAPI支付 for the mini-program, Native支付 for checkouts',
    '  交易中心, 退款配置, if your account asks for an address of refunds:',
    `    ${addressOf(outputs, 'wechat-callback')}`,
    `  Payments of shop orders go to ${addressOf(outputs, 'wechat-notify')}`,
    '',
    'Alipay, https://open.alipay.com: it is told the address with every payment',
    '  控制台, the app, 开发设置, 接口加签方式: the public key or certificate of private_key (RSA2)',
    '  产品绑定: 电脑网站支付',
    '  应用网关, if your app asks for one:',
    `    ${addressOf(outputs, 'alipay-callback')}`,
    '',
    'Mini-program, https://mp.weixin.qq.com: 开发管理, 开发设置, 服务器域名, request合法域名',
    `  ${ApiUrl}`,
    '  A published one takes only a domain with an ICP record: give the stage a domain of its own for that.',
  ];
}
