import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useText } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { Failure } from './states.tsx';

interface ActionDialogProps {
  readonly title: string;
  /** What the button does that acts. */
  readonly action: string;
  /** Whether it moves money or cannot be undone. */
  readonly grave?: boolean;
  readonly onClose: () => void;
  /** Rejects with why it was not done: the dialog then stays open and says so. */
  readonly onAction: () => Promise<void>;
  /** In place of "cancel": a step back. */
  readonly back?: { readonly label: string; readonly onBack: () => void };
  readonly children: ComponentChildren;
}

/** A form in a dialog that acts once, however often its button is pressed, and says why where it could not. */
export function ActionDialog({ title, action, grave, onClose, onAction, back, children }: ActionDialogProps) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const act = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await onAction();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={act}>
        {children}
        {failure !== null && <Failure failure={failure} />}
        <div class="dialog-buttons">
          <button type="button" onClick={back?.onBack ?? onClose}>
            {back?.label ?? text('cancel')}
          </button>
          <button type="submit" class={grave ? 'grave' : 'primary'} aria-disabled={busy}>
            {busy ? text('busy') : action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
