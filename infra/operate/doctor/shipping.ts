import type { WechatConfig } from '../../../lib/config/wechat.ts';
import { type Io, isoTime } from '../../../lib/io.ts';
import { isTradeManaged } from '../../../lib/providers/wechat/index.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { toRecord } from '../../../lib/store/items.ts';
import { itemKindOf } from '../../../lib/store/keys.ts';
import { readOpenExceptions } from '../../../lib/store/open-exceptions.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import type { Stage } from '../../stages.ts';
import { ok, type Result, unreadable, warning } from './check.ts';

/**
 * Whether each app whose secret is there is one of whose goods WeChat wants to know, and the stage knows it too.
 * @param stage null of the local system, whose settings are its own
 */
export async function checkTradeManagement(
  io: Io,
  config: WechatConfig | null,
  stage: Pick<Stage, 'shipping'> | null,
): Promise<Result[]> {
  if (!config) return [];
  const apps = config.appids.filter((appid) => config.appSecrets.has(appid));
  if (apps.length === 0 && stage?.shipping) {
    const problem = 'no app has its secret in the document wechat: WeChat cannot be told what was sent';
    return [warning('shipping', `${problem}. Run npm run setup with --only wechat`)];
  }
  return Promise.all(apps.map((appid) => checkApp(io, config, appid, stage)));
}

async function checkApp(
  io: Io,
  config: WechatConfig,
  appid: string,
  stage: Pick<Stage, 'shipping'> | null,
): Promise<Result> {
  const check = `shipping of ${appid}`;
  try {
    const isManaged = await isTradeManaged(config, io, appid);
    const isTold = stage ? stage.shipping !== undefined : isManaged;
    if (isManaged && !isTold) {
      const problem = 'WeChat keeps the money until it is told what was sent, and nobody sees to that';
      return warning(check, `${problem}. Set shipping in infra/stages.ts, and deploy`);
    }
    if (!isManaged && isTold) {
      const problem = 'WeChat does not ask what was sent, and the stage waits for it to be told';
      return warning(check, `${problem}. Leave shipping out in infra/stages.ts, or apply for it at WeChat`);
    }
    return ok(check, isManaged ? 'WeChat is to be told what was sent' : 'WeChat does not ask what was sent');
  } catch (error) {
    return unreadable(check, error);
  }
}

/** What WeChat does not take for so long is more than a bad moment. */
const LONGEST_OPEN_MS = 3_600_000;

/** Nothing is put off for longer, so that whatever is still to be told is due by then. */
const LONGEST_CHECK_MS = 6 * 3_600_000;

/** Of each shard. */
const MOST_LOOKED_AT = 1_000;

/** Whether there are paid orders of which WeChat was not told in time, or does not take what it is told. */
export const checkShipping = async (store: StoreContext): Promise<Result[]> => [
  await checkLate(store),
  await checkUntold(store),
];

async function checkLate(store: StoreContext): Promise<Result> {
  const check = 'orders not sent in time';
  try {
    const { exceptions, isCut } = await readOpenExceptions(store);
    const [first, ...others] = exceptions.filter(({ kind }) => kind === 'not_shipped');
    if (!first) return ok(check, 'none');
    const count = `${isCut ? 'more than ' : ''}${others.length + 1}`;
    const problem = 'WeChat keeps the money. Tell it with PUT /v2/orders/{kind}/{id}/shipping';
    return warning(check, `${count}, such as ${first.order_no} since ${first.recorded_at}: ${problem}`);
  } catch (error) {
    return unreadable(check, error);
  }
}

async function checkUntold(store: StoreContext): Promise<Result> {
  const check = 'shipping that WeChat does not take';
  const now = store.io.now();
  try {
    const work = await createWorkStore(store).listDue(
      'check',
      isoTime(now + LONGEST_CHECK_MS),
      MOST_LOOKED_AT,
    );
    const untold = work
      .filter((item) => itemKindOf({ sk: String(item['sk']) }) === 'shipping')
      .map((item) => toRecord('shipping', item))
      .filter(({ requested_at }) => now - Date.parse(requested_at) > LONGEST_OPEN_MS);
    const [first] = untold.toSorted((one, other) => (one.requested_at < other.requested_at ? -1 : 1));
    if (!first) return ok(check, 'none');
    const problem = 'look at the checks that failed in the log of the sweep';
    return warning(
      check,
      `${untold.length}, such as ${first.order_no} since ${first.requested_at}: ${problem}`,
    );
  } catch (error) {
    return unreadable(check, error);
  }
}
