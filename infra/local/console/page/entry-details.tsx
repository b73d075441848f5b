import { useEffect, useState } from 'preact/hooks';
import { isOneOf } from '../../../../lib/orders/kinds.ts';
import { type EntryDetails, type StoryEntry, storedKinds } from '../rows.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { get, sendAgain } from './server.ts';
import { useText } from './text.ts';

interface EntryDetailsProps {
  readonly order_no: string;
  readonly entry: StoryEntry;
}

/** What is behind it, read when it is first asked for: to be read by people, and as it went over the wire. */
export function EntryDetailsView({ order_no, entry }: EntryDetailsProps) {
  const text = useText();
  const [details, setDetails] = useState<EntryDetails | 'gone' | null>(null);
  const path = isOneOf(storedKinds, entry.kind)
    ? `/console/orders/${encodeURIComponent(order_no)}/items/${encodeURIComponent(entry.id)}`
    : `/console/entries/${entry.id}`;
  useEffect(() => {
    get<EntryDetails>(path).then(({ status, body }) => setDetails(status === 200 && body ? body : 'gone'));
  }, [path]);

  if (details === null) return <p class="muted">{text('loading')}</p>;
  if (details === 'gone') return <p class="muted">{text('details_gone')}</p>;
  return (
    <div class="entry-details">
      {details.repeatable && <RepeatButtons id={entry.id} />}
      {details.parts.map((part, index) => (
        <Bytes key={`${index} ${part.title}`} part={part} />
      ))}
    </div>
  );
}

function Bytes({ part: { title, text: sent, readable } }: { readonly part: EntryDetails['parts'][number] }) {
  const text = useText();
  const [isAsSent, setAsSent] = useState(false);
  return (
    <figure>
      <figcaption>
        {text(`details_${title}`)}
        {readable !== null && (
          <button type="button" aria-pressed={isAsSent} onClick={() => setAsSent(!isAsSent)}>
            {text('as_sent')}
          </button>
        )}
      </figcaption>
      <ScrollRegion class="bytes" label={text(`details_${title}`)}>
        <pre>{isAsSent ? sent : (readable ?? sent)}</pre>
      </ScrollRegion>
    </figure>
  );
}

function RepeatButtons({ id }: { readonly id: string }) {
  const text = useText();
  const [said, setSaid] = useState('');
  const [line, setLine] = useState('');
  const copy = async () => {
    const { body } = await get<{ line: string }>(`/console/entries/${id}/curl`);
    const curl = body?.line ?? '';
    const copied = await navigator.clipboard.writeText(curl).then(
      () => true,
      () => false,
    );
    setLine(copied ? '' : curl);
    setSaid(text(copied ? 'copied' : 'copy_failed'));
  };
  const send = async () => {
    const { status, body } = await sendAgain(id);
    setSaid(status === 200 && body ? text('sent_again', { status: body.status }) : text('no_answer'));
  };
  return (
    <>
      <div class="row-line">
        <button type="button" onClick={copy}>
          {text('copy_curl')}
        </button>
        <button type="button" onClick={send}>
          {text('send_again')}
        </button>
        <span class="hint">{text('stale_hint')}</span>
        <span class="said" role="status">
          {said}
        </span>
      </div>
      {line && <textarea readOnly rows={4} value={line} aria-label="curl" />}
    </>
  );
}
