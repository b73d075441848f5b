import { useState } from 'preact/hooks';
import type { Exception, ExceptionView } from '../../../../http/responses/exceptions.ts';
import type { Resolution } from '../../../../orders/kinds.ts';
import { useApi } from '../../api-client.ts';
import { ActionDialog } from '../../components/action-dialog.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Loading } from '../../components/states.tsx';
import { endingText } from '../../ending-text.ts';
import { named, useText } from '../../text.ts';
import { useLoaded } from '../../use-loaded.ts';

interface ResolveDialogProps {
  readonly exception: Exception;
  readonly onClose: () => void;
  readonly onBack: () => void;
  /** Rejects with why it was not done. */
  readonly onResolve: (resolution: Resolution, reason: string) => Promise<void>;
}

/** How an exception is to end and why; then, before it is done, what that will book or return. */
export function ResolveDialog({ exception, onClose, onBack, onResolve }: ResolveDialogProps) {
  const text = useText();
  const api = useApi();
  const { id, order_no, kind, resolutions } = exception;
  const [resolution, setResolution] = useState<Resolution | null>(
    resolutions.length === 1 ? (resolutions[0] ?? null) : null,
  );
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [confirming, setConfirming] = useState(false);
  // Where it cannot be read, the dialog says less and works all the same.
  const loaded = useLoaded(
    (signal) => api.get<ExceptionView>(`/api/pay/exceptions/${encodeURIComponent(id)}`, {}, signal),
    [api, id],
  );
  const title = [text('resolve_kind', { kind: named(text, 'exception', kind) }), order_no]
    .filter(Boolean)
    .join(' · ');
  const given = reason.trim();

  if (loaded.state === 'loading' && loaded.data === null) {
    return (
      <Dialog title={title} onClose={onClose}>
        <Loading />
      </Dialog>
    );
  }
  const endings = resolutions.map((one) => {
    const preview = loaded.data?.previews.find((known) => known.resolution === one);
    return {
      one,
      isRefused: Boolean(preview?.refused),
      says: loaded.data && preview ? endingText(text, loaded.data, preview) : '',
    };
  });
  const chosen = endings.find(({ one }) => one === resolution);

  if (confirming && chosen) {
    return (
      <ActionDialog
        title={title}
        action={named(text, 'end', chosen.one)}
        grave
        onClose={onClose}
        back={{ label: text('resolve_back'), onBack: () => setConfirming(false) }}
        onAction={() => onResolve(chosen.one, given)}
      >
        {chosen.says !== '' && <p class={`note ${chosen.isRefused ? 'bad' : 'warning'}`}>{chosen.says}</p>}
        <p>
          {text('resolve_reason')}: {given}
        </p>
        <p class="muted">{text('resolve_final')}</p>
      </ActionDialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          setConfirming(chosen !== undefined && given !== '');
        }}
      >
        <fieldset class="endings">
          <legend>{text('how_it_ends')}</legend>
          {endings.map(({ one, isRefused, says }) => (
            <label key={one} class="choice">
              <input
                type="radio"
                name="resolution"
                value={one}
                checked={one === resolution}
                onChange={() => setResolution(one)}
              />
              <span>
                {named(text, 'end', one)}
                <span class={`ending ${isRefused ? 'error' : 'muted'}`}>{says}</span>
              </span>
            </label>
          ))}
          {asked && !chosen && (
            <p class="error" role="alert">
              {text('resolve_end_missing')}
            </p>
          )}
        </fieldset>
        <Field
          label={text('resolve_reason')}
          hint={text('resolve_reason_hint')}
          error={asked && given === '' ? text('resolve_reason_missing') : undefined}
        >
          {(control) => (
            <textarea
              {...control}
              rows={2}
              maxLength={LONGEST_REASON}
              value={reason}
              onInput={({ currentTarget }) => setReason(currentTarget.value)}
            />
          )}
        </Field>
        {resolution && (
          <button
            type="button"
            class="suggestion"
            onClick={() => setReason(named(text, 'suggested', resolution))}
          >
            {named(text, 'suggested', resolution)}
          </button>
        )}
        <div class="dialog-buttons">
          <button type="button" onClick={onBack}>
            {text('resolve_back')}
          </button>
          <button type="submit" class="primary">
            {text('resolve_on')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** As the API takes it. */
const LONGEST_REASON = 200;
