import { useState } from 'preact/hooks';
import { type InboxAnswer, inboxAnswers } from '../../simulators/received-webhook.ts';
import { receiverName } from './format.ts';
import { simulate } from './server.ts';
import { useText } from './text.ts';

/** As the inbox's control gives it. */
export interface Receiver {
  readonly receiver: string;
  readonly url: string;
  readonly answer: InboxAnswer;
  readonly next: InboxAnswer | null;
}

interface ReceiverCardProps {
  readonly receiver: Receiver;
  readonly onSet: () => void;
}

/** Whose inbox it is, and what it answers: always, or once. */
export function ReceiverCard({ receiver: { receiver, url, answer, next }, onSet }: ReceiverCardProps) {
  const text = useText();
  const [failed, setFailed] = useState(false);
  const id = receiver.replace('/', '-');
  const set = async (chosen: InboxAnswer, only_next: boolean) => {
    const { status } = await simulate('/inbox', { receiver, answer: chosen, only_next });
    setFailed(status !== 200);
    onSet();
  };

  return (
    <section class="card receiver" aria-labelledby={`receiver-${id}`} data-receiver={receiver}>
      <h2 id={`receiver-${id}`}>{receiverName(receiver, text)}</h2>
      <code>{url}</code>
      <ul class="switch-list">
        {inboxAnswers.map((one) => (
          <li key={one}>
            <button
              type="button"
              class={one === 'ok' ? 'ok' : undefined}
              aria-pressed={answer === one}
              aria-describedby={`promise-${id}-${one}`}
              onClick={() => set(one, false)}
            >
              {text(`inbox_${one}`)}
            </button>
            {answer === one && next !== one ? (
              <span class="muted always">{text('always')}</span>
            ) : (
              <button
                type="button"
                class={one === 'ok' ? 'ok' : undefined}
                aria-pressed={next === one}
                aria-label={text('once_of', { answer: text(`inbox_${one}`) })}
                aria-describedby={`promise-${id}-${one}`}
                onClick={() => (next === one ? set(answer, false) : set(one, true))}
              >
                {text('once')}
              </button>
            )}
            <span class="hint" id={`promise-${id}-${one}`}>
              {text(`inbox_${one}_promise`)}
            </span>
          </li>
        ))}
      </ul>
      {failed && (
        <p class="error" role="alert">
          {text('no_answer')}
        </p>
      )}
    </section>
  );
}
