import { TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { PaymentAnswer } from '../../../lib/orders/provider-gateway.ts';
import type { Bug, Focus } from '../world.ts';
import { changeParts, type Part, partsOf, withoutSetting } from './rewrite.ts';
import { withAnswers, withGateway } from './runtime.ts';

/** Mistakes about orders that are given up, pages of phones, coupons and what is sent. */

const MINUTE_MS = 60_000;

const isOrder = ({ sk }: Part) => sk === 'ORDER';
const isShipping = ({ sk }: Part) => sk === 'SHIPPING';
const closesOrder = (part: Part) =>
  part.kind === 'Update' && isOrder(part) && part.sets['status'] === 'closed';
const isNotShipped = ({ sk }: Part) => sk.startsWith('EXCEPTION#not_shipped#');

const closings: Focus = {
  shopOrders: 2,
  tenants: 3,
  likely: ['closings', 'deadlines', 'eager_payers'],
  faults: ['provider_slow'],
};
const shipping: Focus = { shopOrders: 3, tenants: 0, likely: ['shipping', 'eager_payers'] };

/** What a provider said once of a number that it does not hold, it is taken to say for so long. */
function absentAsOfBefore(): NonNullable<Bug['runtime']> {
  const absent = new Map<string, number>();
  return (runtime) =>
    withGateway(({ query }) => ({
      query: async (payment): Promise<PaymentAnswer> => {
        const now = runtime.io.now();
        const since = absent.get(payment.payment_no);
        if (since !== undefined && now - since < 15 * MINUTE_MS) return { state: 'absent' };
        const answer = await query(payment);
        if (answer.state === 'absent') absent.set(payment.payment_no, now);
        return answer;
      },
    }))(runtime);
}

/** Whoever closes an order lets go of its payment. */
function unwatching(command: object): object {
  if (!(command instanceof TransactWriteCommand) || !partsOf(command)?.some(closesOrder)) return command;
  const TransactItems = (command.input.TransactItems ?? []).map((item) =>
    item.ConditionCheck
      ? { Update: { ...item.ConditionCheck, UpdateExpression: 'REMOVE work, work_due' } }
      : item,
  );
  return new TransactWriteCommand({ TransactItems });
}

const saidTwice = (write: Part['write']): Part['write'] => {
  const { UpdateExpression = '', ExpressionAttributeValues } = withoutSetting(write, 'told');
  return {
    ...write,
    UpdateExpression: UpdateExpression.replace('SET ', 'SET told = :twice, '),
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':twice': 2 },
  };
};

/** The first token of each program, for good. */
function oneToken(): NonNullable<NonNullable<Bug['network']>['answer']> {
  const first = new Map<string, string | Buffer>();
  return (answer, { url, body }) => {
    if (url.pathname !== '/cgi-bin/stable_token' || !String(answer.body).includes('access_token'))
      return answer;
    const { appid } = JSON.parse(body) as { appid: string };
    const kept = first.get(appid) ?? answer.body;
    first.set(appid, kept);
    return { ...answer, body: kept };
  };
}

export const closingAndShippingBugs: readonly Bug[] = [
  // Giving up.
  {
    name: 'given up without asking the provider',
    runtime: withGateway(() => ({ close: async () => 'closed' })),
    focus: closings,
  },
  {
    name: 'giving up what is absent drops it from work',
    table: { request: (command, { name }) => (name.startsWith('close-') ? unwatching(command) : command) },
    focus: closings,
  },
  {
    name: 'an order is replied to be closed, and is not',
    table: {
      request: changeParts((part) => (closesOrder(part) ? null : part.write)),
    },
    focus: closings,
  },
  {
    name: 'being paid is closed on request',
    runtime: withGateway(({ close }) => ({
      close: async (payment) => {
        const answer = await close(payment);
        return answer === 'not_closed' ? 'closed' : answer;
      },
    })),
    focus: closings,
  },
  {
    name: 'nothing is closed on request',
    runtime: withGateway(() => ({ close: async () => 'not_closed' })),
    focus: closings,
  },
  {
    name: 'deadlines of orders without a payment are forgotten',
    table: {
      request: changeParts((part) => {
        if (part.kind !== 'Put' || !isOrder(part) || !part.write.Item) return part.write;
        const { work: _work, work_due: _due, ...Item } = part.write.Item;
        return { ...part.write, Item };
      }),
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['deadlines'] },
  },
  {
    name: 'an answer of before taken for one of now',
    runtime: absentAsOfBefore(),
    focus: { shopOrders: 0, tenants: 5, likely: ['deadlines', 'silence', 'eager_payers'] },
  },
  {
    name: 'handed out again for as long as it is good at all',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: async (request) => {
        const made = await createPayment(request);
        if (made.outcome !== 'created') return made;
        const good_until = new Date(Date.parse(made.handed_out.good_until) + 5 * MINUTE_MS).toISOString();
        return { ...made, handed_out: { ...made.handed_out, good_until } };
      },
    })),
    focus: { shopOrders: 3, tenants: 0, likely: ['late_visits'] },
  },

  // Phones.
  {
    name: 'the page is for a computer, whatever was asked for',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: (request) =>
        createPayment(request.scene === 'mobile' ? { ...request, scene: 'desktop' } : request),
    })),
    focus: { shopOrders: 0, tenants: 3 },
  },
  {
    name: 'the page leads back to where no one said',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: (request) => createPayment({ ...request, return_url: null }),
    })),
    focus: { shopOrders: 0, tenants: 4 },
  },

  // Coupons.
  {
    name: 'what is off is not booked',
    runtime: withAnswers((event) =>
      event.discount && event.amount !== undefined
        ? { ...event, amount: event.amount - event.discount.merchant - event.discount.provider }
        : event,
    ),
    focus: { shopOrders: 3, tenants: 2, likely: ['eager_payers'] },
  },
  {
    name: 'who bears what is off is mixed up',
    runtime: withAnswers(({ discount, ...event }) =>
      discount ? { ...event, discount: { merchant: discount.provider, provider: discount.merchant } } : event,
    ),
    focus: { shopOrders: 3, tenants: 2, likely: ['eager_payers'] },
  },

  // Sending.
  {
    name: 'told again as if it were new',
    runtime: withGateway(({ reportShipping }) => ({
      reportShipping: async (payment, sent) => {
        const answer = await reportShipping(payment, sent);
        const requested_at = new Date(Date.parse(sent.requested_at) + 1_000).toISOString();
        return answer.state === 'told' ? reportShipping(payment, { ...sent, requested_at }) : answer;
      },
    })),
    focus: shipping,
  },
  {
    name: 'taken for told before it is',
    runtime: withGateway(({ reportShipping }) => ({
      reportShipping: async (payment, sent) => {
        try {
          return await reportShipping(payment, sent);
        } catch {
          return { state: 'told' };
        }
      },
    })),
    focus: { ...shipping, faults: ['wechat_app_busy'] },
  },
  {
    name: 'what was sent is forgotten once a payment is announced',
    table: {
      request: (command) =>
        command instanceof UpdateCommand &&
        command.input.UpdateExpression?.startsWith('SET #work = :next, work_due = :due')
          ? new UpdateCommand({
              ...command.input,
              UpdateExpression: 'REMOVE #work, work_due, #events',
              ExpressionAttributeValues: {
                ':seen': command.input.ExpressionAttributeValues?.[':seen'],
              },
            })
          : command,
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['eager_payers'] },
  },
  {
    name: 'a refused token is kept',
    network: { answer: oneToken() },
    focus: { ...shipping, faults: ['wechat_app_forgets_token'] },
  },
  {
    name: 'the first word counts for two',
    table: {
      request: changeParts((part) =>
        isShipping(part) && part.kind === 'Update' && part.sets['told'] === 1
          ? saidTwice(part.write)
          : part.write,
      ),
    },
    focus: shipping,
  },
  {
    name: 'words are not counted',
    table: {
      request: changeParts((part) =>
        isShipping(part) && part.kind === 'Update' ? withoutSetting(part.write, 'told') : part.write,
      ),
    },
    focus: shipping,
  },
  {
    name: 'what was not sent is told to nobody',
    table: {
      request: changeParts((part) => (isNotShipped(part) && part.kind === 'Put' ? null : part.write)),
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['eager_payers'] },
  },
  {
    name: 'told of late, and not_shipped stays open',
    table: {
      request: changeParts((part) => (isNotShipped(part) && part.kind === 'Update' ? null : part.write)),
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['eager_payers'] },
  },
  {
    name: 'a meal is not told of by itself',
    table: {
      request: (command, instance) =>
        instance.name === 'sweep'
          ? changeParts((part) => (isShipping(part) && part.kind === 'Put' ? null : part.write))(
              command,
              instance,
            )
          : command,
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['eager_payers'] },
  },
  {
    name: 'what was sent and not taken is not told again',
    table: {
      request: changeParts((part) => {
        if (!isShipping(part)) return part.write;
        if (part.kind === 'Update') return withoutSetting(part.write, 'work', 'work_due');
        if (!part.write.Item) return part.write;
        const { work: _work, work_due: _due, ...Item } = part.write.Item;
        return { ...part.write, Item };
      }),
    },
    focus: { ...shipping, faults: ['wechat_app_busy', 'provider_request_lost'] },
  },
];
