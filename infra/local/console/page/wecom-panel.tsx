import type { WecomMessage } from '../rows.ts';
import { formatTime } from './format.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { useText } from './text.ts';
import { WecomMarkdown } from './wecom-markdown.tsx';

/** The group as its members see it, newest first. */
export function WecomPanel({ messages }: { readonly messages: readonly WecomMessage[] }) {
  const text = useText();
  return (
    <section class="card wecom-card" aria-labelledby="wecom-title">
      <h2 id="wecom-title">{text('wecom')}</h2>
      {messages.length === 0 && <p class="empty">{text('wecom_empty')}</p>}
      <ScrollRegion class="messages" label={text('wecom')}>
        <ol aria-live="polite">
          {messages.toReversed().map((message) => (
            <li key={message.at + message.content} class={message.taken ? '' : 'refused'}>
              <time class="muted" dateTime={message.at}>
                {formatTime(message.at)}
              </time>
              {!message.taken && <span class="badge bad">{text('wecom_refused')}</span>}
              <WecomMarkdown content={message.content} />
            </li>
          ))}
        </ol>
      </ScrollRegion>
    </section>
  );
}
