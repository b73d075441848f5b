import type { Stage } from './stage.ts';
import { waitWhile } from './wait.ts';

/** The sweep tells of what was announced a minute ago; of what a busy group heard late, later. */
const FETCHED_WITHIN_MS = 150_000;
/** By itself the sweep comes once a minute. */
const BETWEEN_SWEEPS_MS = 5_000;

/** Tells WeChat that a paid order was sent: repeated, corrected, and corrected once too often. */
export async function shipOrder(stage: Stage, order_no: string): Promise<void> {
  const { client, tokens, report } = stage;
  const path = `/v2/orders/${order_no.replace('-', '/')}/shipping`;
  const ship = async (tracking_no: string) => {
    const parcels = [{ express_company: 'SF', tracking_no, contact: '13812345678' }];
    const body = { logistics_type: 'courier', items: '帆布鞋 × 1', parcels };
    const { status, data } = await client.api('PUT', path, { token: tokens.admin, body });
    return `${status} ${data['state'] ?? ''}`.trim();
  };
  await report.step('tell WeChat that it was sent, with a token that is over', '200 told', async () => {
    await client.setWeixin({ tokens: 'expired' });
    return ship('SF1001');
  });
  await report.step('tell it again', '200 told', () => ship('SF1001'));
  await report.step('what WeChat knows', 'SF1001, told 1', () => known(stage, order_no));
  await report.step('correct it', '200 told', () => ship('SF1002'));
  await report.step('correct it once more', '409', () => ship('SF1003'));
  await report.step('what WeChat knows', 'SF1002, told 2', () => known(stage, order_no));
}

/** A meal that is fetched is told of by itself. */
export async function waitForMeal(stage: Stage, order_no: string): Promise<void> {
  const nothing = 'nothing';
  await stage.report.step('what WeChat knows of the meal', '午餐套餐, told 1', () =>
    waitWhile(
      (came) => came === nothing,
      FETCHED_WITHIN_MS,
      async () => {
        await stage.client.sweep();
        return known(stage, order_no);
      },
      BETWEEN_SWEEPS_MS,
    ),
  );
}

async function known({ client }: Stage, order_no: string): Promise<string> {
  const shipment = await client.shipment(order_no);
  if (!shipment) return 'nothing';
  const [parcel] = shipment.parcels;
  return `${parcel?.tracking_no ?? parcel?.item_desc}, told ${shipment.times}`;
}
