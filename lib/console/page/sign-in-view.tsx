import { useEffect, useState } from 'preact/hooks';
import { Field } from './components/field.tsx';
import { Loading } from './components/states.tsx';
import { navigate } from './navigation.ts';
import { readSession, type Session } from './session.ts';
import type { Settings, SignInSettings } from './settings.ts';
import { beginSignIn, finishSignIn, SignInFailure } from './sign-in.ts';
import { type Text, useText } from './text.ts';

interface SignInProps {
  readonly settings: Settings;
  /** Whether there was a session that the API does not take any more. */
  readonly hasEnded: boolean;
  /** Whether the issuer has just sent us back. */
  readonly isBack: boolean;
  readonly onSignedIn: (session: Session) => void;
}

/** In place of every view while nobody is signed in, at that view's address. */
export function SignInView({ settings, hasEnded, isBack, onSignedIn }: SignInProps) {
  const text = useText();
  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <section class="card">
        <h1>{text('sign_in')}</h1>
        <p class="muted">{text('sign_in_to', { stage: settings.stage })}</p>
        {hasEnded && (
          <p class="note warning" role="status">
            {text('session_ended')}
          </p>
        )}
        {settings.signIn ? (
          <ByIssuer signIn={settings.signIn} isBack={isBack} onSignedIn={onSignedIn} />
        ) : (
          <ByToken onSignedIn={onSignedIn} />
        )}
      </section>
    </main>
  );
}

interface ByIssuerProps {
  readonly signIn: SignInSettings;
  readonly isBack: boolean;
  readonly onSignedIn: (session: Session) => void;
}

function ByIssuer({ signIn, isBack, onSignedIn }: ByIssuerProps) {
  const text = useText();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(isBack);
  useEffect(() => {
    if (!isBack) return;
    const callback = new URL(location.href);
    // Neither the code nor the state is to stay in the address, where the next page would find it.
    navigate(location.pathname, { replace: true });
    finishSignIn(signIn, callback)
      .then(({ accessToken, address }) => {
        const session = readSession(accessToken);
        if (!session) throw new Error('the access token is no JWT');
        navigate(address, { replace: true });
        onSignedIn(session);
      })
      .catch(setFailure)
      .finally(() => setBusy(false));
  }, []);
  const begin = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await beginSignIn(signIn, isBack ? '/console/orders' : location.pathname + location.search);
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  if (busy) return <Loading />;
  return (
    <>
      {failure !== null && (
        <div class="note bad" role="alert">
          <p>{failureText(failure, text)}</p>
          {failure instanceof SignInFailure && failure.said && <p class="said">{failure.said}</p>}
        </div>
      )}
      <button type="button" class="primary" onClick={begin}>
        {text(failure === null ? 'sign_in_by_issuer' : 'sign_in_again')}
      </button>
      <p class="hint">{text('sign_in_at', { issuer: new URL(signIn.issuer).host })}</p>
    </>
  );
}

function failureText(failure: unknown, text: Text): string {
  return text(failure instanceof SignInFailure ? `sign_in_${failure.reason}` : 'sign_in_no_jwt');
}

function ByToken({ onSignedIn }: Pick<SignInProps, 'onSignedIn'>) {
  const text = useText();
  const [error, setError] = useState<string>();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    const session = readSession(
      String(token)
        .trim()
        .replace(/^bearer +/i, ''),
    );
    if (session) onSignedIn(session);
    else setError(text('token_invalid'));
  };
  return (
    <form onSubmit={submit}>
      <Field label={text('token')} hint={text('token_hint')} error={error}>
        {(control) => (
          <input
            {...control}
            name="token"
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            onInput={() => setError(undefined)}
          />
        )}
      </Field>
      <button type="submit" class="primary">
        {text('sign_in')}
      </button>
    </form>
  );
}
