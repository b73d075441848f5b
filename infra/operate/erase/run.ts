import { type ErasureResult, eraseUser } from '../../../lib/orders/erase-user.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { createStoreContext } from '../../../lib/store/client.ts';
import { createOrderFinder } from '../../../lib/store/erasure-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { reachStage } from '../local-stage.ts';
import { runOperation, type Surroundings } from '../run-operation.ts';
import { findTableName } from '../stage.ts';
import { type Arguments, command, readArguments } from './arguments.ts';

const ITEMS_PER_LINE = 100_000;

/** @returns the exit code: 0 when nothing is left of the user, 1 when something is, 2 when it could not be done */
export const run = (words: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> =>
  runOperation(command, words, surroundings, (values) => erase(readArguments(values), surroundings));

async function erase(
  { user, stage }: Arguments,
  { variables, io, output, errors }: Surroundings,
): Promise<0 | 1> {
  await reachStage(stage, variables, io);
  const context = createStoreContext(await findTableName(stage.name, variables), io);
  let shown = 0;
  let looked = 0;
  const counts = await eraseUser(
    {
      store: createOrderStore(context),
      io,
      findOrders: createOrderFinder(context),
      onOrder: (order, result) => output.write(`${order.order_no} ${describe(order, result)}\n`),
      onProgress: (read) => {
        looked = read;
        if (read - shown < ITEMS_PER_LINE) return;
        shown = read;
        errors.write(`${read} items read\n`);
      },
    },
    user,
  );
  const erased = counts.erased + counts.erased_and_closed;
  const left = counts.left_payable + counts.left_refunding + counts.left_shipping + counts.left_changing;
  output.write(`orders of the user: ${erased} erased, ${left} left; items read: ${looked}\n`);
  return left === 0 ? 0 : 1;
}

function describe({ status, expires_at }: ShopOrder, result: ErasureResult): string {
  switch (result) {
    case 'erased':
      return 'erased';
    case 'erased_and_closed':
      return 'erased, and closed: its payment was never begun';
    case 'left_payable':
      return expires_at === null
        ? `left: it is ${status} and its payment can still be made; erase again once that is over`
        : `left: it is ${status} and can be paid until ${expires_at}; erase again after the sweep has closed it`;
    case 'left_refunding':
      return 'left: a refund of it is not decided; erase again once it is';
    case 'left_shipping':
      return 'left: that it was sent is still to be told; erase again once it is';
    case 'left_changing':
      return 'left: it is being changed; erase again';
  }
}
