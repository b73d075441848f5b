import type { ListedOrder } from '../../../../http/responses/orders.ts';
import { useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { useToast } from '../../components/toast.tsx';
import { useText } from '../../text.ts';

export interface OrderDialogProps {
  readonly order: ListedOrder;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Gives an order up: it is closed at its provider first, and at once or not at all. */
export function CloseDialog({ order: { order_no }, onClose, onDone }: OrderDialogProps) {
  const text = useText();
  const api = useApi();
  const say = useToast();
  const send = async () => {
    await api.send('POST', `/api/pay/orders/${encodeURIComponent(order_no)}/close`);
    say(text('order_closed', { order_no }));
    onDone();
  };
  return (
    <ActionDialog
      title={text('close_this', { order_no })}
      action={text('close_order')}
      grave
      onClose={onClose}
      onAction={send}
    >
      <p>{text('close_means')}</p>
    </ActionDialog>
  );
}
