export interface FieldText {
  /** With the names or positions inside it: `public_keys.PUB_KEY_ID_1`, `callback_keys.0`. */
  readonly field: string;
  readonly text: string;
}

/** Every text that a document holds, at any depth. */
export function textsIn(value: unknown, field = ''): FieldText[] {
  if (typeof value === 'string') return [{ field, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    textsIn(inner, field === '' ? name : `${field}.${name}`),
  );
}

/** `callback_keys.0` → `callback_keys` */
export const topField = (field: string): string => field.split('.', 1)[0] ?? field;
