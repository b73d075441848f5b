import { Amount } from '../../components/amount.tsx';
import { Badge, PaymentBadge } from '../../components/badge.tsx';
import { type Column, DataTable } from '../../components/table.tsx';
import { named, useText } from '../../text.ts';
import { type Holding, holdingKey } from './holdings.ts';

interface MoneyTableProps {
  readonly holdings: readonly Holding[];
  /** Null for who may not. */
  readonly onRefund: ((holding: Holding) => void) | null;
}

/** The payments of an order and what came in besides: how much, how much of it went back, and how much can. */
export function MoneyTable({ holdings, onRefund }: MoneyTableProps) {
  const text = useText();
  const columns: Column<Holding>[] = [
    {
      key: 'payment',
      label: text('payment'),
      cell: ({ payment_no, transaction_id }) => (
        <div class="order-cell">
          <span class="number">{payment_no}</span>
          {transaction_id && <span class="muted mono">{transaction_id}</span>}
        </div>
      ),
    },
    {
      key: 'state',
      label: text('status'),
      cell: ({ state, isSuspense }) => (
        <div class="badges">
          <PaymentBadge state={state} current={!isSuspense} />
          {isSuspense && <Badge tone="warning">{text('in_suspense')}</Badge>}
        </div>
      ),
    },
    {
      key: 'provider',
      label: text('provider'),
      cell: ({ provider, merchant }) => (
        <div class="order-cell">
          <span>{named(text, 'provider', provider)}</span>
          <span class="muted mono">{merchant}</span>
        </div>
      ),
    },
    {
      key: 'amount',
      label: text('amount'),
      align: 'end',
      cell: ({ amount, currency }) => <Amount amount={amount} currency={currency} />,
    },
    {
      key: 'refunded',
      label: text('refunded'),
      align: 'end',
      cell: ({ refunded_amount, currency }) => <Amount amount={refunded_amount} currency={currency} />,
    },
    {
      key: 'refundable',
      label: text('refundable'),
      align: 'end',
      cell: ({ refundable_amount, currency }) => <Amount amount={refundable_amount} currency={currency} />,
    },
    ...(onRefund && holdings.some(({ isRefundable }) => isRefundable)
      ? [
          {
            key: 'action',
            label: text('action'),
            align: 'end',
            cell: (holding) =>
              holding.isRefundable && (
                <button
                  type="button"
                  aria-label={text('refund_payment', { payment_no: holding.payment_no })}
                  onClick={() => onRefund(holding)}
                >
                  {text('refund')}
                </button>
              ),
          } satisfies Column<Holding>,
        ]
      : []),
  ];
  return <DataTable label={text('money')} columns={columns} rows={holdings} rowKey={holdingKey} />;
}
