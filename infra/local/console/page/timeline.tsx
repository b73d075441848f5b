import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { formatAmount } from '../../../../lib/console/page/format.ts';
import type { InboxOutcome } from '../../simulators/received-webhook.ts';
import type { StoryEntry, WebhookRow } from '../rows.ts';
import { EntryDetailsView } from './entry-details.tsx';
import { formatTime, receiverName } from './format.ts';
import { groupOf, outcomeTones } from './outcomes.ts';
import { ScrollRegion } from './scroll-region.tsx';
import { named, type Text, useText } from './text.ts';
import { WecomMarkdown } from './wecom-markdown.tsx';

interface TimelineProps {
  readonly order_no: string;
  readonly entries: readonly StoryEntry[];
}

/** Within so many pixels of its end, whoever reads the story follows it. */
const NEAR_THE_END_PX = 48;

/** Everything that happened to the order, oldest first; it goes along with what comes while its end is looked at. */
export function Timeline({ order_no, entries }: TimelineProps) {
  const text = useText();
  const list = useRef<HTMLOListElement>(null);
  const isFollowed = useRef(true);
  const scroller = () => list.current?.parentElement;
  const note = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = scroller() ?? {};
    isFollowed.current = scrollHeight - scrollTop - clientHeight < NEAR_THE_END_PX;
  };
  useLayoutEffect(() => {
    if (isFollowed.current) scroller()?.scrollTo({ top: list.current?.scrollHeight ?? 0 });
  }, [entries]);
  return (
    <section class="card story" aria-labelledby="story-title">
      <h2 id="story-title">{text('story')}</h2>
      {entries.length === 0 && <p class="empty">{text('story_empty')}</p>}
      <ScrollRegion class="told" label={text('story')} onScroll={note}>
        <ol class="timeline" ref={list}>
          {entries.map((entry) => (
            <TimelineEntry key={`${entry.kind} ${entry.id}`} order_no={order_no} entry={entry} />
          ))}
        </ol>
      </ScrollRegion>
    </section>
  );
}

interface TimelineEntryProps {
  readonly order_no: string;
  readonly entry: StoryEntry;
  /** Beside what the entry says. */
  readonly children?: ComponentChildren;
}

/** One thing that happened, which opens to its bytes. */
export function TimelineEntry({ order_no, entry, children }: TimelineEntryProps) {
  const text = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <li class={`entry ${entry.kind}`} data-kind={entry.kind}>
      <button type="button" class="entry-head" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <time dateTime={entry.at}>{formatTime(entry.at)}</time>
        <span class="entry-kind">{text(entry.kind === 'wecom' ? 'wecom_message' : entry.kind)}</span>
        <span class="entry-facts">{facts(entry, text)}</span>
      </button>
      {children}
      {entry.kind === 'wecom' && <WecomMarkdown content={entry.content} />}
      {isOpen && <EntryDetailsView order_no={order_no} entry={entry} />}
    </li>
  );
}

/** Of a summary, what holds a name of a closed list. */
const NAMES: readonly string[] = ['kind', 'status', 'state', 'logistics_type', 'resolution'];

function facts(entry: StoryEntry, text: Text): ComponentChildren {
  switch (entry.kind) {
    case 'request':
      return (
        <>
          <code>
            {entry.method} {entry.target}
          </code>
          <Status status={entry.status} /> <span class="muted">{entry.duration_ms} ms</span>
        </>
      );
    case 'provider_call':
      return (
        <>
          <span>{named(text, entry.to)}</span>
          <code>
            {entry.method} {entry.path}
          </code>
          <Status status={entry.status} />
        </>
      );
    case 'payment':
      return (
        <>
          <span>{text(entry.provider)}</span>
          <code>{entry.payment_no}</code>
          <span class={`badge ${entry.state}`}>{text(entry.state)}</span>
        </>
      );
    case 'callback':
      return <CallbackFacts entry={entry} />;
    case 'begun':
      return (
        <>
          <span>{text(entry.provider)}</span>
          <code>{entry.payment_no}</code>
        </>
      );
    case 'undelivered':
      return (
        <>
          <span>{text(entry.provider)}</span>
          <span class="badge bad">{text('unanswered')}</span>
        </>
      );
    case 'event':
      return <code>{entry.type}</code>;
    case 'webhook':
      return <WebhookFacts entry={entry} />;
    case 'wecom':
      return entry.taken ? null : <span class="badge bad">{text('wecom_refused')}</span>;
    default:
      return <Summary summary={entry.summary} />;
  }
}

function Summary({ summary }: { readonly summary: Readonly<Record<string, string>> }) {
  const text = useText();
  const { amount, currency, ...facts } = summary;
  return (
    <>
      {amount !== undefined && currency !== undefined && (
        <strong class="amount">{formatAmount(amount, currency)}</strong>
      )}
      {Object.entries(facts).map(([name, value]) => (
        <span key={name}>
          <span class="muted">{name}</span> {NAMES.includes(name) ? named(text, value) : value}
        </span>
      ))}
    </>
  );
}

const VERIFICATION = {
  verified: ['good', 'verified'],
  refused: ['bad', 'verification_refused'],
  malformed: ['bad', 'malformed'],
  unknown: null,
} as const;

function CallbackFacts({ entry }: { readonly entry: Extract<StoryEntry, { kind: 'callback' }> }) {
  const text = useText();
  const { verification, outcome, reason, attempt, answer_dropped, count, status, duration_ms } = entry;
  const shown = VERIFICATION[verification];
  const group = groupOf(outcome);
  return (
    <>
      {count > 1 && <strong>× {count}</strong>}
      {shown && <span class={`badge ${shown[0]}`}>{text(shown[1])}</span>}
      {outcome !== '' && outcome !== 'refused' && outcome !== 'malformed' && (
        <span class={`badge ${group ? outcomeTones[group] : 'neutral'}`} data-outcome={outcome}>
          {named(text, outcome)}
        </span>
      )}
      {reason !== '' && <span class="muted">{reason}</span>}
      <Status status={status} />
      {answer_dropped && <span class="badge bad">{text('answer_dropped')}</span>}
      {attempt > 1 && <span class="muted">{text('attempt', { attempt })}</span>}
      <span class="muted">{duration_ms} ms</span>
    </>
  );
}

const OUTCOME_BADGES: Readonly<Record<InboxOutcome, 'good' | 'neutral' | 'bad'>> = {
  taken: 'good',
  repeated: 'neutral',
  outdated: 'neutral',
  ignored: 'neutral',
  not_verified: 'bad',
  malformed: 'bad',
  not_taken: 'bad',
};

function WebhookFacts({ entry }: { readonly entry: WebhookRow }) {
  const text = useText();
  const { receiver, type, refusal, outcome, attempt, status } = entry;
  return (
    <>
      {type !== null && <code>{type}</code>}
      <span class={`badge ${refusal === null ? 'good' : 'bad'}`}>
        {text(refusal === null ? 'verified' : 'verification_refused')}
      </span>
      <span class={`badge ${OUTCOME_BADGES[outcome]}`} data-outcome={outcome}>
        {text(refusal ?? outcome)}
      </span>
      {status === null ? <span class="badge bad">{text('unanswered')}</span> : <Status status={status} />}
      {attempt > 1 && <span class="muted">{text('attempt', { attempt })}</span>}
      <span class="muted">{receiverName(receiver, text)}</span>
    </>
  );
}

const Status = ({ status }: { readonly status: number | null }) => (
  <span class={status !== null && status < 400 ? 'status good' : 'status bad'}>{status ?? '—'}</span>
);
