import type { Alipay } from './providers/alipay.ts';
import type { Stripe } from './providers/stripe/stripe.ts';
import type { WechatApp } from './providers/wechat/app.ts';
import type { Wechat } from './providers/wechat/wechat.ts';
import type { Wecom } from './providers/wecom.ts';
import type { Setup } from './setup.ts';
import type { Surroundings } from './surroundings.ts';
import type { Post } from './wire.ts';

/** What of a run can be made likely. */
export type Likely =
  | 'changes'
  | 'closings'
  | 'crossing'
  | 'console_refunds'
  | 'disputes'
  | 'drops'
  | 'deadlines'
  | 'early_closing'
  | 'eager_payers'
  | 'failing_payers'
  | 'late_takers'
  | 'late_visits'
  | 'merchant_change'
  | 'misstatements'
  | 'old_numbers'
  | 'own_tenants'
  | 'races'
  | 'refunds'
  | 'relays'
  | 'repeated_keys'
  | 'second_transactions'
  | 'shipping'
  | 'silence'
  | 'stripe';

/** The world with everybody in it whom the functions deal with. */
export interface Town extends Surroundings {
  readonly wechat: Wechat;
  readonly wechatApp: WechatApp;
  readonly alipay: Alipay;
  readonly stripe: Stripe;
  readonly wecom: Wecom;
  readonly setup: Setup;
  /** Begins every order number of the stage. */
  readonly prefix: string;
  /** Until when actors begin something. */
  readonly closing_at: number;
  readonly notes: Notes;
  readonly likely: ReadonlySet<Likely>;
}

/** What actors remember, for the end to be held against. */
export interface Notes {
  readonly shopOrders: ShopOrderPlan[];
  readonly checkouts: CheckoutNote[];
  readonly openids: string[];
  /** Of those who receive parcels, whole. */
  readonly contacts: string[];
  readonly forged: Set<Post>;
  /** Genuine messages as they went by, for those who send them again. */
  readonly seen: Post[];
  /** Where an item stands that nobody can read; null where there is none. */
  poison: { readonly pk: string; readonly sk: string } | null;
  /** Numbers that messages named with a wrong amount, currency, merchant or app. */
  readonly misstated: string[];
  /** What must not have happened, as it was seen happening. */
  readonly violations: string[];
}

export interface ShopOrderPlan {
  readonly kind: 'mall' | 'meal';
  readonly id: number;
  readonly order_no: string;
  /** What was said to have been sent, one after the other. */
  readonly shipments: string[];
  /** As the shop last heard that it is stored; null before the first. */
  stored: ShopOrderBody | null;
  /** As it was last sent: with a reply that was lost, either may be what is stored. */
  sent: ShopOrderBody | null;
}

export interface ShopOrderBody {
  readonly user_id: string;
  readonly openid: string | null;
  /** In fen. */
  readonly amount: number;
  readonly points: number;
  readonly description: string;
  /** In which of the merchant's programs it is paid; left out for the usual one. */
  readonly appid?: string;
  /** When the shop gives it up; left out where it does not. */
  readonly expires_at?: string;
}

export interface CheckoutNote {
  readonly key: string | null;
  readonly tenant_id: number;
  readonly provider: 'wechat' | 'alipay' | 'stripe';
  readonly currency: string;
  /** In the smallest unit. */
  readonly amount: number;
  readonly scene: 'desktop' | 'mobile';
  /** Of the payer, of whom WeChat asks for it. */
  readonly payer_client_ip?: string;
  readonly description?: string;
  readonly return_url?: string;
  /** In seconds. */
  readonly expires_in?: number;
  readonly order_nos: Set<string>;
  readonly pages: { readonly url: string; readonly at: number }[];
}
