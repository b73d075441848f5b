import { orderLink } from '../route.ts';
import { useText } from '../text.ts';

/** An order by its number, leading to it; words of its own where there is none. */
export function OrderLink({ order_no }: { readonly order_no: string | null }) {
  const text = useText();
  if (order_no === null) return <span class="muted">{text('no_order')}</span>;
  return (
    <a class="number" href={orderLink(order_no)}>
      {order_no}
    </a>
  );
}
