import type { DocumentField } from '../documents/document-fields.ts';
import type { Prompts } from './prompts.ts';

/** Secrets that are in use: the one that came last is the first, beside it, during a rotation, the one before. */
interface Rotated {
  readonly field: DocumentField;
  /** What is asked. */
  readonly question: string;
  readonly secrets: readonly [inUse: string, ...before: string[]];
  /** Why these cannot be taken; null when they can. */
  readonly problemOf: (secrets: readonly string[]) => string | null;
}

/**
 * What becomes of them. Another goes first and the one in use stays beside it, so that whoever verifies can learn the
 * new one meanwhile; that of an earlier rotation goes.
 * @throws Error when the person ends it
 */
export async function askRotation(
  { field, question, secrets, problemOf }: Rotated,
  prompts: Prompts,
): Promise<readonly string[]> {
  const [inUse, ...before] = secrets;
  const choices = [
    { value: 'keep', hint: 'keep: what is stored' },
    { value: 'make', hint: 'make: another, at random; the one in use stays beside it' },
    { value: 'enter', hint: 'enter: another that you have; the one in use stays beside it' },
    ...(before.length > 0 ? [{ value: 'end', hint: 'end: the one in use alone' }] : []),
  ];
  const chosen = await prompts.choose(question, choices);
  if (chosen === 'end') return [inUse];
  if (chosen === 'make') return [...(field.generate?.() ?? []), inUse];
  if (chosen === 'keep') return secrets;
  const next = await prompts.askSecret(`${field.name}: another\n(masked)`, (answer) =>
    answer === '' ? `${field.name} is needed` : problemOf([answer, inUse]),
  );
  return [next, inUse];
}
