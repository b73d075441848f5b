import { useState } from 'preact/hooks';
import type { OrderRow } from '../rows.ts';
import { describe } from './cashier.tsx';
import type { Answer, Outcome, Payment } from './server.ts';
import { useText } from './text.ts';
import { isPayable, type Trouble, troubles } from './troubles.ts';

interface TroubleCardProps {
  readonly order: OrderRow;
  /** Null while the provider knows of none. */
  readonly payment: Payment | null;
  readonly userId: string;
}

/** Makes things go wrong, each with what must come of it. */
export function TroubleCard({ order, payment, userId }: TroubleCardProps) {
  const text = useText();
  const [said, setSaid] = useState<Readonly<Record<string, Answer<Outcome | null>>>>({});
  const [busy, setBusy] = useState('');
  const make = async ({ name, make: run }: Trouble, about: Payment) => {
    setBusy(name);
    const result = await run(about, order, userId);
    setBusy('');
    setSaid((before) => ({ ...before, [name]: result }));
  };

  return (
    <section class="card trouble" aria-labelledby="trouble-title">
      <h2 id="trouble-title">{text('trouble')}</h2>
      <p class="hint">{text(payment ? 'trouble_hint' : 'trouble_first')}</p>
      {payment && (
        <ul>
          {troubles
            .filter(
              ({ providers, isOfShops }) =>
                (providers?.includes(payment.provider) ?? true) && !(isOfShops && order.kind === 'tenant'),
            )
            .map((trouble) => {
              const { name, promise, needsPending, needsPaid = false } = trouble;
              const isClosed = payment.state === 'closed';
              const isPaid = payment.state === 'paid';
              const isTooLate = needsPending && (!isPayable(order) || isPaid);
              const isTooEarly = needsPaid && !isPaid;
              const isLocked = isClosed || isTooLate || isTooEarly;
              return (
                <li key={name}>
                  <button
                    type="button"
                    disabled={isLocked || busy !== ''}
                    title={isLocked ? text(needsPaid ? 'needs_paid' : 'needs_pending') : undefined}
                    aria-describedby={`promise-${name}`}
                    onClick={() => make(trouble, payment)}
                  >
                    {text(name)}
                  </button>
                  <span class="hint" id={`promise-${name}`}>
                    {text(promise)}
                  </span>
                  <span class="said" role="status">
                    {said[name] && describe(said[name], text)}
                  </span>
                </li>
              );
            })}
        </ul>
      )}
    </section>
  );
}
