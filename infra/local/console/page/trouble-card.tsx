import { useState } from 'preact/hooks';
import type { OrderRow } from '../rows.ts';
import { describe } from './cashier.tsx';
import type { Answer, Outcome, Payment } from './server.ts';
import { useText } from './text.ts';
import { lockOf } from './trouble-lock.ts';
import { type Trouble, troubles } from './troubles.ts';

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
              const { name, promise } = trouble;
              const lock = lockOf(trouble, payment.state, order);
              return (
                <li key={name}>
                  <button
                    type="button"
                    disabled={lock !== null || busy !== ''}
                    aria-describedby={`promise-${name}`}
                    onClick={() => make(trouble, payment)}
                  >
                    {text(name)}
                  </button>
                  <span class="hint" id={`promise-${name}`}>
                    {lock && <strong class="lock">{text(lock)}</strong>} {text(promise)}
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
