import { useState } from 'preact/hooks';

/** Why the API did not take what a form sent, and which of its fields are at fault, as far as it says. */
export interface Refusal {
  readonly message: string;
  readonly fields: readonly string[];
}

/** What is still said once a field has been changed: nothing when none is left that was at fault. */
export function afterChange(refusal: Refusal | null, field: string): Refusal | null {
  const fields = refusal?.fields.filter((name) => name !== field) ?? [];
  return refusal && fields.length > 0 ? { ...refusal, fields } : null;
}

/** A form's refusal, which goes away field by field as they are changed; `id` is that of where it is said. */
export function useRefusal(id: string) {
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  return {
    refusal,
    setRefusal,
    change: (field: string) => setRefusal((before) => afterChange(before, field)),
    /** What a field says of itself while it is at fault. */
    attributes: (field: string) =>
      refusal?.fields.includes(field) ? { 'aria-invalid': true, 'aria-describedby': id } : {},
  };
}
