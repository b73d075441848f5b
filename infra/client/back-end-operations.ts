/** Of the API what back ends call: written by `npm run openapi` from its document. */

export interface components {
  schemas: {
    CheckoutRequest: {
      /** @description Whose order it is; also decides whose merchant is paid. */
      tenant_id: number;
      /** @description In the currency's own unit, with no more decimals than the provider takes. A number means the shortest decimal that spells its double: of up to 15 digits, what was written. */
      amount: number;
      /** @description ISO 4217; CNY when it is left out. Alipay and WeChat Pay take that only. */
      currency?: string;
      /** @enum {string} */
      provider: 'wechat' | 'alipay' | 'stripe';
      /**
       * @description Where the payer is: at a computer, as when it is left out, or in a phone's browser.
       * @enum {string}
       */
      scene?: 'desktop' | 'mobile';
      /** @description The payer's own address, which WeChat Pay asks for in the scene `mobile`, and only there. Neither stored nor logged. */
      payer_client_ip?: string;
      /** @description What the payer sees at the provider, within what that takes. */
      description?: string;
      /**
       * Format: uri
       * @description Where the provider's page leads back to: https, of a host that the stage allows.
       */
      return_url?: string;
      /** @description Seconds in which the order can be paid; two hours when it is left out. Stripe takes no less than 1800. */
      expires_in?: number;
    };
    RefundRequest: {
      order_no: string;
      /** @description In the order's currency; all that is left when it is left out. */
      amount?: number;
      /** @description Goes to the provider, which may show it to the payer. */
      reason: string;
      /** @description Returns money in suspense (a late or second payment) in place of what paid the order. */
      transaction_id?: string;
    };
    RedeliveryRequest: {
      /** @description Events that were recorded here from this instant on, in UTC. */
      from: string;
      /** @description The instant after the last; at most 31 days after `from`. */
      to: string;
      /**
       * @description Only deliveries in this state; all of them when it is left out.
       * @enum {string}
       */
      state?: 'due' | 'delivered' | 'given_up';
      /** @description Of this tenant's endpoint; without it of the stage's own. */
      tenant_id?: number;
      /** @description From the answer before: where to go on. */
      cursor?: string;
    };
    ResolutionRequest: {
      /**
       * @description `attributed`: its money is the order's owner's, or the owner's to bear, or the owner's again once it has come back. `returned`: it goes back to the payer. `written_off`: it is given up. `dismissed`: there is nothing to do. Not each kind can end in each way.
       * @enum {string}
       */
      resolution: 'attributed' | 'returned' | 'written_off' | 'dismissed';
      /** @description Why; kept with who said so. */
      reason: string;
    };
    ShopOrderRequest: {
      /** @description Who pays: the `sub` of their token. */
      user_id: string;
      /** @description Of the payer, in the app; required when `amount` is more than 0. */
      openid?: string | null;
      /** @description Yuan, with at most two decimals; 0 when points cover it. */
      amount: number;
      /** @description Shown to people, and not counted here. */
      points: number;
      /** @description What the payer sees at the provider: at most 127 bytes of UTF-8. */
      description: string;
      /** @description The mini-program in which it is paid, one of those of the `wechat` document; the usual one when it is left out. */
      appid?: string | null;
      /**
       * Format: date-time
       * @description When the shop gives the order up, in UTC; left out, it does not.
       */
      expires_at?: string | null;
    };
    ShipmentRequest: {
      /** @enum {string} */
      logistics_type: 'courier' | 'city' | 'pickup' | 'virtual';
      /** @description What is sent, in words; the payer reads it in WeChat. */
      items: string;
      /** @description Of a courier alone, and of every one: its company as WeChat codes it. */
      parcels?: {
        express_company: string;
        tracking_no: string;
        contact?: string;
      }[];
    };
    OrderState: {
      /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
      order_no: string;
      /** @enum {string} */
      status: 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';
      /** @description In the currency's own unit, with all of its decimals. */
      amount: string;
      /** @description ISO 4217. */
      currency: string;
      /** @description Null for an order that costs nothing, and before a payment was begun. */
      provider: ('wechat' | 'alipay' | 'stripe') | null;
      transaction_id: string | null;
      /** @description ISO 8601 in UTC. */
      created_at: string;
      paid_at: string | null;
      /** @description What of it has gone back, whether that was asked for here or not. */
      refunded_amount: string;
      /** @description How many exceptions of the order are open: `GET /api/pay/exceptions` has them. */
      exceptions: number;
    };
    ListedOrder: {
      /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
      order_no: string;
      /** @enum {string} */
      status: 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';
      /** @description In the currency's own unit, with all of its decimals. */
      amount: string;
      /** @description ISO 4217. */
      currency: string;
      /** @description Null for an order that costs nothing, and before a payment was begun. */
      provider: ('wechat' | 'alipay' | 'stripe') | null;
      transaction_id: string | null;
      /** @description ISO 8601 in UTC. */
      created_at: string;
      paid_at: string | null;
      /** @description What of it has gone back, whether that was asked for here or not. */
      refunded_amount: string;
      /** @description How many exceptions of the order are open: `GET /api/pay/exceptions` has them. */
      exceptions: number;
      /** @enum {string} */
      kind: 'mall' | 'meal' | 'tenant';
      /** @description Whose it is; null of a shop's. */
      tenant_id: number | null;
      /** @description What the payer reads at the provider; empty once the user was erased. */
      description: string;
      /** @description When it is given up unless it is paid; null when it is not. */
      expires_at: string | null;
      /** @description Who asked for it to be closed; null where nobody did, or its user was erased. */
      closed_by: string | null;
      /** @description How many disputes of its payments are open. */
      disputes: number;
    };
    OrdersPage: {
      orders: components['schemas']['ListedOrder'][];
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    OrderHistory: {
      order: components['schemas']['ListedOrder'];
      /** @description All that is stored of the order, in the order of time. */
      history: components['schemas']['HistoryItem'][];
    };
    HistoryItem:
      | {
          /** @constant */
          type: 'payment';
          /** @description Where it stands in the history. */
          at: string;
          /** @description The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th. */
          payment_no: string;
          /** @enum {string} */
          provider: 'wechat' | 'alipay' | 'stripe';
          /** @description Who is paid at the provider. */
          merchant: string;
          /** @enum {string} */
          scene: 'jsapi' | 'desktop' | 'mobile';
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /** @enum {string} */
          state: 'open' | 'failed' | 'closed' | 'paid';
          /** @description Whether it is the one that paid the order, or that is to pay it. */
          current: boolean;
          transaction_id: string | null;
          paid_at: string | null;
          /** @description When its provider stops taking it. */
          expires_at: string;
          /** @description What of it has gone back, whether that was asked for here or not. */
          refunded_amount: string;
          /** @description What is neither returned nor on its way back. */
          refundable_amount: string;
        }
      | {
          /** @constant */
          type: 'suspense';
          /** @description Where it stands in the history. */
          at: string;
          /** @description The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th. */
          payment_no: string;
          /** @description The provider's number for the payment. */
          transaction_id: string;
          /** @enum {string} */
          provider: 'wechat' | 'alipay' | 'stripe';
          /** @description Who is paid at the provider. */
          merchant: string;
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /** @description What of it has gone back, whether that was asked for here or not. */
          refunded_amount: string;
          /** @description What is neither returned nor on its way back. */
          refundable_amount: string;
        }
      | {
          /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
          order_no: string;
          /** @description The number under which the provider holds it. */
          refund_no: string;
          /** @description The payment that it returns. */
          payment_no: string;
          /** @description The transaction that it returns; null while no message has named it. */
          transaction_id: string | null;
          /** @enum {string} */
          provider: 'wechat' | 'alipay' | 'stripe';
          /** @description Who is paid at the provider. */
          merchant: string;
          /**
           * @description `open` until the provider has decided.
           * @enum {string}
           */
          status: 'open' | 'succeeded' | 'failed';
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /** @description As it was asked for; empty once the user was erased. */
          reason: string;
          /** @description Who asked for it; null once that user was erased. */
          requested_by: string | null;
          /** @description ISO 8601 in UTC. */
          created_at: string;
          /** @description When it was known what the provider has decided; null while it is open. */
          decided_at: string | null;
          /** @constant */
          type: 'refund';
          /** @description Where it stands in the history. */
          at: string;
        }
      | {
          /** @constant */
          type: 'return';
          /** @description Where it stands in the history. */
          at: string;
          /** @description The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th. */
          payment_no: string;
          /** @description The provider's own number for it. */
          return_id: string;
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /**
           * @description `failed`: the money has come again.
           * @enum {string}
           */
          status: 'succeeded' | 'failed';
        }
      | {
          /** @description Null of what belongs to no order. */
          order_no: string | null;
          /** @enum {string} */
          kind: 'payment' | 'suspense' | 'refund' | 'return' | 'dispute' | 'fee' | 'attribution';
          debit: string;
          credit: string;
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /** @enum {string} */
          provider: 'wechat' | 'alipay' | 'stripe';
          /** @description Who is paid at the provider. */
          merchant: string;
          transaction_id: string | null;
          /** @description ISO 8601 in UTC. */
          booked_at: string;
          /** @constant */
          type: 'entry';
          /** @description Where it stands in the history. */
          at: string;
        }
      | {
          /** @constant */
          type: 'dispute';
          /** @description Where it stands in the history. */
          at: string;
          /** @description The provider's own number for it. */
          dispute_id: string;
          /** @description The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th. */
          payment_no: string;
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
          /** @enum {string} */
          state: 'open' | 'lost' | 'won';
          /** @description What the provider names as the cause. */
          reason: string;
          /** @description Until when evidence can be given. */
          due_by: string | null;
        }
      | {
          /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
          order_no: string;
          /** @enum {string} */
          state: 'open' | 'told' | 'refused';
          /** @enum {string} */
          logistics_type: 'courier' | 'city' | 'pickup' | 'virtual';
          items: string;
          parcels: {
            express_company: string;
            tracking_no: string;
            contact: string | null;
          }[];
          /** @description ISO 8601 in UTC. */
          requested_at: string;
          told_at: string | null;
          /** @constant */
          type: 'shipping';
          /** @description Where it stands in the history. */
          at: string;
        }
      | {
          /** @description By which it is resolved; opaque. */
          id: string;
          /** @description Null where it names no order of ours: it is its merchant's. */
          order_no: string | null;
          /** @description Null where it is about no payment of the order. */
          payment_no: string | null;
          /**
           * @description `mismatch`: it disagrees with the payment. `paid_after_close`: money for an order that was given up. `paid_twice`: money for an order or payment that is paid already. `paid_superseded`: money for a payment that the order has given up for another. `number_spent`: the number was used for a payment of before. `numbers_exhausted`: the order has had all the payments that it can have. `merchant_missing`: the merchant of the payment is not configured any more. `unknown_refund`: money that went back without being asked for here. `refund_abnormal`: a refund that the payer's bank refused, and that waits for a person. `refund_failed`: a refund that failed, or was done and sent back. `disputed`: the payer's bank takes the payment back. `missing_here`: in a provider's bill and not in the books. `missing_there`: in the books and not in the provider's bill. `other_amount`: in the provider's bill with another amount. `unknown_row`: a row of a bill that is not understood. `not_shipped`: paid for, and its provider has not been told that it was sent.
           * @enum {string}
           */
          kind:
            | 'mismatch'
            | 'paid_after_close'
            | 'paid_twice'
            | 'paid_superseded'
            | 'number_spent'
            | 'numbers_exhausted'
            | 'merchant_missing'
            | 'unknown_refund'
            | 'refund_abnormal'
            | 'refund_failed'
            | 'disputed'
            | 'missing_here'
            | 'missing_there'
            | 'other_amount'
            | 'unknown_row'
            | 'not_shipped';
          /** @enum {string} */
          state: 'open' | 'resolved';
          provider: ('wechat' | 'alipay' | 'stripe') | null;
          merchant: string | null;
          transaction_id: string | null;
          refund_no: string | null;
          /** @description In which the message and its payment disagree. */
          readonly fields: ('provider' | 'merchant' | 'appid' | 'amount' | 'currency' | 'transaction_id')[];
          /** @description As the message says; null where it names none or its unit is not known. */
          amount: string | null;
          /** @description As the message says. */
          currency: string | null;
          /** @description What the provider names as the cause: of a dispute. */
          reason: string | null;
          /** @description Until when something can be done about it. */
          due_by: string | null;
          /** @description ISO 8601 in UTC. */
          recorded_at: string;
          /** @description What it may be resolved as; nothing once it is resolved. */
          readonly resolutions: ('attributed' | 'returned' | 'written_off' | 'dismissed')[];
          /** @description How it ended; null while it is open. */
          resolved: {
            /**
             * @description `attributed`: its money is the order's owner's. `returned`: it goes back to the payer. `written_off`: it is given up. `dismissed`: there was nothing to do. `repaired`: the provider was asked to repair the refund. `named`: the provider has said what had gone back, and another exception tells of that.
             * @enum {string}
             */
            resolution: 'attributed' | 'returned' | 'written_off' | 'dismissed' | 'repaired' | 'named';
            reason: string;
            /** @description The `sub` of who said so. */
            by: string;
            /** @description ISO 8601 in UTC. */
            at: string;
          } | null;
          /** @constant */
          type: 'exception';
          /** @description Where it stands in the history. */
          at: string;
        };
    ShippingState: {
      /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
      order_no: string;
      /** @enum {string} */
      state: 'open' | 'told' | 'refused';
      /** @enum {string} */
      logistics_type: 'courier' | 'city' | 'pickup' | 'virtual';
      items: string;
      parcels: {
        express_company: string;
        tracking_no: string;
        contact: string | null;
      }[];
      /** @description ISO 8601 in UTC. */
      requested_at: string;
      told_at: string | null;
    };
    PaymentPage: {
      /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
      order_no: string;
      /** @description Where the payer pays: a page of Alipay or Stripe, or a `weixin://` address to be shown as a QR code. */
      pay_url: string;
    };
    Refund: {
      /** @description `mall-<id>`, `meal-<id>`, or `p` and a ULID. */
      order_no: string;
      /** @description The number under which the provider holds it. */
      refund_no: string;
      /** @description The payment that it returns. */
      payment_no: string;
      /** @description The transaction that it returns; null while no message has named it. */
      transaction_id: string | null;
      /** @enum {string} */
      provider: 'wechat' | 'alipay' | 'stripe';
      /** @description Who is paid at the provider. */
      merchant: string;
      /**
       * @description `open` until the provider has decided.
       * @enum {string}
       */
      status: 'open' | 'succeeded' | 'failed';
      /** @description In the currency's own unit, with all of its decimals. */
      amount: string;
      /** @description ISO 4217. */
      currency: string;
      /** @description As it was asked for; empty once the user was erased. */
      reason: string;
      /** @description Who asked for it; null once that user was erased. */
      requested_by: string | null;
      /** @description ISO 8601 in UTC. */
      created_at: string;
      /** @description When it was known what the provider has decided; null while it is open. */
      decided_at: string | null;
    };
    RefundsPage: {
      refunds: components['schemas']['Refund'][];
    };
    Exception: {
      /** @description By which it is resolved; opaque. */
      id: string;
      /** @description Null where it names no order of ours: it is its merchant's. */
      order_no: string | null;
      /** @description Null where it is about no payment of the order. */
      payment_no: string | null;
      /**
       * @description `mismatch`: it disagrees with the payment. `paid_after_close`: money for an order that was given up. `paid_twice`: money for an order or payment that is paid already. `paid_superseded`: money for a payment that the order has given up for another. `number_spent`: the number was used for a payment of before. `numbers_exhausted`: the order has had all the payments that it can have. `merchant_missing`: the merchant of the payment is not configured any more. `unknown_refund`: money that went back without being asked for here. `refund_abnormal`: a refund that the payer's bank refused, and that waits for a person. `refund_failed`: a refund that failed, or was done and sent back. `disputed`: the payer's bank takes the payment back. `missing_here`: in a provider's bill and not in the books. `missing_there`: in the books and not in the provider's bill. `other_amount`: in the provider's bill with another amount. `unknown_row`: a row of a bill that is not understood. `not_shipped`: paid for, and its provider has not been told that it was sent.
       * @enum {string}
       */
      kind:
        | 'mismatch'
        | 'paid_after_close'
        | 'paid_twice'
        | 'paid_superseded'
        | 'number_spent'
        | 'numbers_exhausted'
        | 'merchant_missing'
        | 'unknown_refund'
        | 'refund_abnormal'
        | 'refund_failed'
        | 'disputed'
        | 'missing_here'
        | 'missing_there'
        | 'other_amount'
        | 'unknown_row'
        | 'not_shipped';
      /** @enum {string} */
      state: 'open' | 'resolved';
      provider: ('wechat' | 'alipay' | 'stripe') | null;
      merchant: string | null;
      transaction_id: string | null;
      refund_no: string | null;
      /** @description In which the message and its payment disagree. */
      readonly fields: ('provider' | 'merchant' | 'appid' | 'amount' | 'currency' | 'transaction_id')[];
      /** @description As the message says; null where it names none or its unit is not known. */
      amount: string | null;
      /** @description As the message says. */
      currency: string | null;
      /** @description What the provider names as the cause: of a dispute. */
      reason: string | null;
      /** @description Until when something can be done about it. */
      due_by: string | null;
      /** @description ISO 8601 in UTC. */
      recorded_at: string;
      /** @description What it may be resolved as; nothing once it is resolved. */
      readonly resolutions: ('attributed' | 'returned' | 'written_off' | 'dismissed')[];
      /** @description How it ended; null while it is open. */
      resolved: {
        /**
         * @description `attributed`: its money is the order's owner's. `returned`: it goes back to the payer. `written_off`: it is given up. `dismissed`: there was nothing to do. `repaired`: the provider was asked to repair the refund. `named`: the provider has said what had gone back, and another exception tells of that.
         * @enum {string}
         */
        resolution: 'attributed' | 'returned' | 'written_off' | 'dismissed' | 'repaired' | 'named';
        reason: string;
        /** @description The `sub` of who said so. */
        by: string;
        /** @description ISO 8601 in UTC. */
        at: string;
      } | null;
    };
    ExceptionsPage: {
      exceptions: components['schemas']['Exception'][];
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    Reconciliation: {
      /** @enum {string} */
      provider: 'wechat' | 'alipay' | 'stripe';
      /** @description Who is paid at the provider. */
      merchant: string;
      /** @description By the provider's calendar. */
      day: string;
      /**
       * @description `running`: it is not finished. `late`: the provider has no bill yet. `agreed`: the bill and the books agree. `differs`: they do not: each difference is an exception.
       * @enum {string}
       */
      state: 'running' | 'late' | 'agreed' | 'differs';
      /** @description Rows of the bill that were compared. */
      rows: number;
      /** @description Rows that the books have. */
      agreed: number;
      /** @description Rows that the books had not, and have now. */
      settled: number;
      /** @description Payments and refunds in the bill that are not decided yet. */
      under_way: number;
      /** @description Bookings that may belong into the bill of another day, which was not known yet. */
      undecided: number;
      /** @description Rows of orders that are not ours. */
      foreign: number;
      differences: {
        /** @description In the bill and not in the books. */
        missing_here: number;
        /** @description In the books and not in the bill. */
        missing_there: number;
        /** @description In both, with different amounts. */
        other_amount: number;
        /** @description Kinds of rows that are not understood. */
        unknown_row: number;
      };
      /** @description Rows that moved no money of a payment, by the bill's name for their kind. */
      others: {
        name: string;
        /** @description Rows of this kind. */
        count: number;
      }[];
      /** @description What moved of our payments. */
      sums: {
        /** @enum {string} */
        kind: 'payment' | 'refund' | 'dispute';
        /** @description ISO 4217. */
        currency: string;
        /** @description In the currency's own unit; below zero where more came back. Fees have three decimals more. Null where the provider does not take the currency. */
        amount: string | null;
      }[];
      /** @description What the provider kept of them, exactly. */
      fees: {
        /** @enum {string} */
        kind: 'payment' | 'refund' | 'dispute';
        /** @description ISO 4217. */
        currency: string;
        /** @description In the currency's own unit; below zero where more came back. Fees have three decimals more. Null where the provider does not take the currency. */
        amount: string | null;
      }[];
      /** @description ISO 8601 in UTC. */
      started_at: string;
      finished_at: string | null;
    };
    ReconciliationsPage: {
      reconciliations: components['schemas']['Reconciliation'][];
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    ExceptionView: {
      exception: components['schemas']['Exception'];
      /** @description The order's now; null where it belongs to no order. */
      status: ('pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded') | null;
      /** @description One for each of its `resolutions`, as things are; decided anew when it ends. */
      previews: {
        /** @enum {string} */
        resolution: 'attributed' | 'returned' | 'written_off' | 'dismissed';
        /** @description Why it would be refused as things are; null where it would not. */
        refused: {
          /** @description As `settle-error` would say it. */
          error: string;
          /** @description What to do instead. */
          message: string;
        } | null;
        /** @description What would be booked by it. */
        entries: {
          /** @enum {string} */
          kind: 'payment' | 'suspense' | 'refund' | 'return' | 'dispute' | 'fee' | 'attribution';
          debit: string;
          credit: string;
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
        }[];
        /** @description What would go back to the payer by it. */
        refund: {
          /** @description In the currency's own unit, with all of its decimals. */
          amount: string;
          /** @description ISO 4217. */
          currency: string;
        } | null;
        /** @description Its provider would be asked about the payment: one that it has taken otherwise is closed. */
        checks_payment: boolean;
        /** @description The order's afterwards; null where it belongs to no order. */
        status: ('pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded') | null;
      }[];
    };
    ResolvedException: {
      exception: components['schemas']['Exception'];
      /** @description What was booked by it. */
      entries: {
        /** @enum {string} */
        kind: 'payment' | 'suspense' | 'refund' | 'return' | 'dispute' | 'fee' | 'attribution';
        debit: string;
        credit: string;
        /** @description In the currency's own unit, with all of its decimals. */
        amount: string;
        /** @description ISO 4217. */
        currency: string;
      }[];
      /** @description What goes back to the payer by it. */
      refund: components['schemas']['Refund'] | null;
      /** @description The order's afterwards; null where it belongs to no order. */
      status: ('pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded') | null;
    };
    LedgerEntry: {
      /** @description Null of what belongs to no order. */
      order_no: string | null;
      /** @enum {string} */
      kind: 'payment' | 'suspense' | 'refund' | 'return' | 'dispute' | 'fee' | 'attribution';
      debit: string;
      credit: string;
      /** @description In the currency's own unit, with all of its decimals. */
      amount: string;
      /** @description ISO 4217. */
      currency: string;
      /** @enum {string} */
      provider: 'wechat' | 'alipay' | 'stripe';
      /** @description Who is paid at the provider. */
      merchant: string;
      transaction_id: string | null;
      /** @description ISO 8601 in UTC. */
      booked_at: string;
    };
    LedgerPage: {
      account: string;
      /** @description ISO 8601 in UTC. */
      from: string;
      /** @description The first instant that is no part of the period. */
      to: string;
      entries: components['schemas']['LedgerEntry'][];
      /** @description Of the whole period, by currency; only on the first page, else null. */
      sums:
        | {
            /** @description ISO 4217. */
            currency: string;
            /** @description In the currency's own unit, with all of its decimals. */
            debit: string;
            /** @description In the currency's own unit, with all of its decimals. */
            credit: string;
          }[]
        | null;
      /** @description The same of each 24 hours of the period from its start on; null where `sums` is. */
      days:
        | {
            /** @description Its first instant; it has 24 hours, or what is left of the period. */
            from: string;
            sums: {
              /** @description ISO 4217. */
              currency: string;
              /** @description In the currency's own unit, with all of its decimals. */
              debit: string;
              /** @description In the currency's own unit, with all of its decimals. */
              credit: string;
            }[];
          }[]
        | null;
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    WebhookEndpoint: {
      /** @description Whose it is; null of the stage's own. */
      tenant_id: number | null;
      /**
       * @description `paused`: it has failed again and again, and new events wait until it takes one. `failing`: it has taken nothing for a day.
       * @enum {string}
       */
      state: 'ok' | 'paused' | 'failing';
      /** @description When it failed first since it last took something; null while it takes all. */
      failing_since: string | null;
      /** @description Attempts that failed since then. */
      failures: number;
      /** @description When one of the events that wait is tried. */
      paused_until: string | null;
      /** @description Without its query. */
      url: string;
      /** @description Of what it is told; null of all. */
      events:
        | (
            | 'order.paid'
            | 'order.closed'
            | 'payment.failed'
            | 'refund.succeeded'
            | 'refund.failed'
            | 'exception.raised'
            | 'exception.resolved'
            | 'dispute.opened'
            | 'dispute.closed'
          )[]
        | null;
      /** @description Whether it is told of tenants' orders too. */
      tenant_events: boolean;
      /** @description Secrets with which what is sent is signed: two during a rotation. */
      secrets: number;
      /** @description Deliveries that wait for it, up to 1000. */
      waiting: number;
      /** @description When it took the newest event that it has taken; null of none in 30 days. */
      last_delivered_at: string | null;
    };
    WebhooksState: {
      /** @description Null where there is none. */
      endpoint: components['schemas']['WebhookEndpoint'] | null;
      /** @description All endpoints that fail: for a token of no tenant that asks for none. */
      failing: {
        /** @description Whose it is; null of the stage's own. */
        tenant_id: number | null;
        /**
         * @description `paused`: it has failed again and again, and new events wait until it takes one. `failing`: it has taken nothing for a day.
         * @enum {string}
         */
        state: 'ok' | 'paused' | 'failing';
        /** @description When it failed first since it last took something; null while it takes all. */
        failing_since: string | null;
        /** @description Attempts that failed since then. */
        failures: number;
        /** @description When one of the events that wait is tried. */
        paused_until: string | null;
      }[];
    };
    Delivery: {
      /** @description By which it is sent again; opaque. */
      id: string;
      /** @description Whose endpoint it is for; null of the stage's own. */
      tenant_id: number | null;
      /** @description Its header `webhook-id`. */
      event_id: string;
      /** @enum {string} */
      type:
        | 'order.paid'
        | 'order.closed'
        | 'payment.failed'
        | 'refund.succeeded'
        | 'refund.failed'
        | 'exception.raised'
        | 'exception.resolved'
        | 'dispute.opened'
        | 'dispute.closed';
      /** @description When it was recorded here: by this time deliveries are listed and sent again. */
      timestamp: string;
      order_no: string | null;
      /**
       * @description `due` until it is delivered, or given up after three days of attempts.
       * @enum {string}
       */
      state: 'due' | 'delivered' | 'given_up';
      /** @description When it is attempted next; null while it waits, and when it is over. */
      due_at: string | null;
      /** @description The latest, oldest first. */
      attempts: {
        /** @description ISO 8601 in UTC. */
        at: string;
        /** @description Of the answer; null where there was none. */
        status: number | null;
        /** @description Why there was no answer. */
        error:
          | (
              | 'document_unread'
              | 'name_unresolved'
              | 'address_refused'
              | 'connection_failed'
              | 'tls_failed'
              | 'answer_malformed'
              | 'timeout'
            )
          | null;
        /** @description Milliseconds. */
        duration_ms: number;
      }[];
      /** @description When it was delivered or given up. */
      ended_at: string | null;
      /** @description Why it was given up. */
      reason: ('gone' | 'time_over' | 'not_wanted') | null;
      /** @description Who last had it sent again. */
      redelivered: {
        /** @description A `sub`. */
        by: string;
        /** @description ISO 8601 in UTC. */
        at: string;
      } | null;
    };
    DeliveriesPage: {
      deliveries: components['schemas']['Delivery'][];
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    RedeliveredPeriod: {
      /** @description Deliveries that are sent again by this request. */
      redelivered: number;
      /** @description Hand it back to go on; null at the end. */
      cursor: string | null;
    };
    /**
     * @description What `settle-error` says: a word may be added, and none changes its meaning.
     * @enum {string}
     */
    ErrorWord:
      | 'missing_field'
      | 'unknown_field'
      | 'invalid_field'
      | 'amount_too_small'
      | 'amount_too_large'
      | 'invalid_body'
      | 'body_too_large'
      | 'unsupported_media_type'
      | 'key_reused'
      | 'unauthenticated'
      | 'invalid_token'
      | 'token_expired'
      | 'invalid_signature'
      | 'forbidden'
      | 'order_not_found'
      | 'refund_not_found'
      | 'exception_not_found'
      | 'account_not_found'
      | 'delivery_not_found'
      | 'transaction_not_found'
      | 'merchant_not_found'
      | 'order_not_payable'
      | 'already_paid'
      | 'being_paid'
      | 'order_not_closable'
      | 'order_not_changeable'
      | 'order_changing'
      | 'order_not_shippable'
      | 'shipping_corrected'
      | 'shipping_unsupported'
      | 'shipping_refused'
      | 'nothing_to_refund'
      | 'in_dispute'
      | 'refund_not_repairable'
      | 'already_resolved'
      | 'resolution_not_possible'
      | 'delivery_changing'
      | 'too_many_entries'
      | 'payment_mismatch'
      | 'payment_not_settled'
      | 'provider_not_offered'
      | 'merchant_missing'
      | 'provider_failed'
      | 'internal_error';
  };
  responses: never;
  parameters: {
    /** @description In which language messages are: Chinese, or English where that is preferred. */
    AcceptLanguage: string;
  };
  requestBodies: never;
  headers: {
    /** @description Which fields, parameters or headers are at fault, where some are. */
    ErrorField: string;
    /** @description What is asked for. */
    Challenge: string;
    /** @description Of a table: the cursor of the next page; at the end there is none. */
    Cursor: string;
  };
  pathItems: never;
}
export interface operations {
  createCheckout: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key and body from the same `sub` are the same request for 24 hours. */
        'Idempotency-Key'?: string;
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CheckoutRequest'];
      };
    };
    responses: {
      /** @description The payment page. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['PaymentPage'];
          };
        };
      };
    };
  };
  getOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        order_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The order. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['OrderState'];
          };
        };
      };
    };
  };
  listOrders: {
    parameters: {
      query?: {
        /** @description Only of this kind; needed where no tenant is named. */
        kind?: 'mall' | 'meal' | 'tenant';
        /** @description Of this tenant; a token of a tenant's stands for it. */
        tenant_id?: number;
        /** @description Only in this state. */
        status?: 'pending' | 'paid' | 'failed' | 'closed' | 'refunding' | 'refunded';
        /** @description The first instant, in UTC; by default a week before `to`. */
        from?: string;
        /** @description The instant after the last; by default now, at most 31 days after `from`. */
        to?: string;
        /** @description How many items a page may have. */
        limit?: number;
        /** @description From the page before: where to go on. */
        cursor?: string;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of orders. */
      200: {
        headers: {
          'settle-cursor': components['headers']['Cursor'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['OrdersPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  getOrderHistory: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        order_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The order and its history. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['OrderHistory'];
          };
        };
      };
    };
  };
  listRefunds: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        order_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['RefundsPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  closeOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        order_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The order is closed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['OrderState'];
          };
        };
      };
    };
  };
  createRefund: {
    parameters: {
      query?: never;
      header: {
        /** @description The same key and body from the same `sub` are the same request for 24 hours. */
        'Idempotency-Key': string;
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RefundRequest'];
      };
    };
    responses: {
      /** @description The provider has decided. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['Refund'];
          };
        };
      };
      /** @description The provider has not decided yet, or did not answer; it is asked until it has. Ask for the refund to see. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['Refund'];
          };
        };
      };
    };
  };
  getRefund: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        refund_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The refund. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['Refund'];
          };
        };
      };
    };
  };
  getLedger: {
    parameters: {
      query?: {
        /** @description The first instant, in UTC; by default 24 hours before `to`. */
        from?: string;
        /** @description The instant after the last; by default now, at most 31 days after `from`. */
        to?: string;
        /** @description How many items a page may have. */
        limit?: number;
        /** @description From the page before: where to go on. */
        cursor?: string;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        /** @description `tenant:<id>`, `shop:mall`, `shop:meal`, `provider:<provider>.<merchant>`, `suspense:<provider>.<merchant>` or `fees:<provider>.<merchant>`. */
        account: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of entries. */
      200: {
        headers: {
          'settle-cursor': components['headers']['Cursor'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['LedgerPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  listExceptions: {
    parameters: {
      query?: {
        /** @description Only of this kind. */
        kind?:
          | 'mismatch'
          | 'paid_after_close'
          | 'paid_twice'
          | 'paid_superseded'
          | 'number_spent'
          | 'numbers_exhausted'
          | 'merchant_missing'
          | 'unknown_refund'
          | 'refund_abnormal'
          | 'refund_failed'
          | 'disputed'
          | 'missing_here'
          | 'missing_there'
          | 'other_amount'
          | 'unknown_row'
          | 'not_shipped';
        /** @description Only in this state. */
        state?: 'open' | 'resolved' | 'all';
        /** @description Only this tenant's. */
        tenant_id?: number;
        /** @description How many items a page may have. */
        limit?: number;
        /** @description From the page before: where to go on. */
        cursor?: string;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of exceptions. */
      200: {
        headers: {
          'settle-cursor': components['headers']['Cursor'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['ExceptionsPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  getException: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        /** @description An exception's `id` in the list. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The exception. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['ExceptionView'];
          };
        };
      };
    };
  };
  listReconciliations: {
    parameters: {
      query?: {
        /** @description Only at this provider. */
        provider?: 'wechat' | 'alipay' | 'stripe';
        /** @description The first day; by default a week up to `to`. */
        from?: string;
        /** @description The last day; by default today in China, where days begin first, at most 31 days from `from` on. */
        to?: string;
        /** @description How many items a page may have. */
        limit?: number;
        /** @description From the page before: where to go on. */
        cursor?: string;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of days. */
      200: {
        headers: {
          'settle-cursor': components['headers']['Cursor'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['ReconciliationsPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  resolveException: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        /** @description An exception's `id` in the list. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ResolutionRequest'];
      };
    };
    responses: {
      /** @description It has ended. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['ResolvedException'];
          };
        };
      };
    };
  };
  repairRefund: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        refund_no: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The provider has taken it. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['Refund'];
          };
        };
      };
    };
  };
  listWebhooks: {
    parameters: {
      query?: {
        /** @description Of this tenant's endpoint; without it of the stage's own, and to a token of a tenant of its own. */
        tenant_id?: number;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The endpoint. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['WebhooksState'];
          };
        };
      };
    };
  };
  listDeliveries: {
    parameters: {
      query?: {
        /** @description Of this tenant's endpoint; without it of the stage's own, and to a token of a tenant of its own. */
        tenant_id?: number;
        /** @description Only in this state. */
        state?: 'due' | 'delivered' | 'given_up';
        /** @description Only of events of this type. */
        type?:
          | 'order.paid'
          | 'order.closed'
          | 'payment.failed'
          | 'refund.succeeded'
          | 'refund.failed'
          | 'exception.raised'
          | 'exception.resolved'
          | 'dispute.opened'
          | 'dispute.closed';
        /** @description Only of events of this order. */
        order_no?: string;
        /** @description Events that were recorded here from this instant on, in UTC; by default 30 days before `to`. */
        from?: string;
        /** @description The instant after the last; by default now, at most 31 days after `from`. */
        to?: string;
        /** @description How many items a page may have. */
        limit?: number;
        /** @description From the page before: where to go on. */
        cursor?: string;
      };
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of deliveries. */
      200: {
        headers: {
          'settle-cursor': components['headers']['Cursor'];
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['DeliveriesPage'];
          };
          'text/csv': string;
        };
      };
    };
  };
  redeliver: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        /** @description A delivery's `id` in the list. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is due. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['Delivery'];
          };
        };
      };
    };
  };
  redeliverPeriod: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RedeliveryRequest'];
      };
    };
    responses: {
      /** @description They are due. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            msg: string;
            data: components['schemas']['RedeliveredPeriod'];
          };
        };
      };
    };
  };
  putShopOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        kind: 'mall' | 'meal';
        /** @description The shop's number for the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ShopOrderRequest'];
      };
    };
    responses: {
      /** @description The order, as it was or changed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            message: string;
            data: components['schemas']['OrderState'];
          };
        };
      };
      /** @description The order was not there before. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            message: string;
            data: components['schemas']['OrderState'];
          };
        };
      };
    };
  };
  shipOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description In which language messages are: Chinese, or English where that is preferred. */
        'Accept-Language'?: components['parameters']['AcceptLanguage'];
      };
      path: {
        kind: 'mall' | 'meal';
        /** @description The shop's number for the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ShipmentRequest'];
      };
    };
    responses: {
      /** @description WeChat knows. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            message: string;
            data: components['schemas']['ShippingState'];
          };
        };
      };
      /** @description WeChat does not know yet. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            code: 0;
            message: string;
            data: components['schemas']['ShippingState'];
          };
        };
      };
    };
  };
}

/** Where each operation is. */
export const routes = {
  createCheckout: 'POST /api/pay/checkout',
  getOrder: 'GET /api/pay/orders/{order_no}',
  listOrders: 'GET /api/pay/orders',
  getOrderHistory: 'GET /api/pay/orders/{order_no}/history',
  listRefunds: 'GET /api/pay/orders/{order_no}/refunds',
  closeOrder: 'POST /api/pay/orders/{order_no}/close',
  createRefund: 'POST /api/pay/refund',
  getRefund: 'GET /api/pay/refunds/{refund_no}',
  getLedger: 'GET /api/pay/ledger/{account}',
  listExceptions: 'GET /api/pay/exceptions',
  getException: 'GET /api/pay/exceptions/{id}',
  listReconciliations: 'GET /api/pay/reconciliations',
  resolveException: 'POST /api/pay/exceptions/{id}/resolve',
  repairRefund: 'POST /api/pay/refunds/{refund_no}/repair',
  listWebhooks: 'GET /api/pay/webhooks',
  listDeliveries: 'GET /api/pay/webhooks/deliveries',
  redeliver: 'POST /api/pay/webhooks/deliveries/{id}/redeliver',
  redeliverPeriod: 'POST /api/pay/webhooks/deliveries/redeliver',
  putShopOrder: 'PUT /v2/orders/{kind}/{id}',
  shipOrder: 'PUT /v2/orders/{kind}/{id}/shipping',
} as const;
