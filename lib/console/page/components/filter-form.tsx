import { useId } from 'preact/hooks';
import { changeQuery } from '../navigation.ts';
import type { Query } from '../route.ts';
import { useText } from '../text.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface FilterField {
  /** In the address. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'choice' | 'text' | 'number' | 'day';
  /** Of a choice; without `required`, "all" comes before them. */
  readonly choices?: readonly Choice[];
  readonly required?: boolean;
  readonly hint?: string;
  /** What holds while the address has none. */
  readonly fallback?: string;
}

interface FilterFormProps {
  readonly fields: readonly FilterField[];
  readonly query: Query;
}

/** Filters of a list. Each is in the address, so that a reload or a link keeps them. */
export function FilterForm({ fields, query }: FilterFormProps) {
  const text = useText();
  return (
    <search class="filters" aria-label={text('filters')}>
      {fields.map((field) => (
        <FilterInput key={field.name} field={field} value={query[field.name] ?? field.fallback ?? ''} />
      ))}
    </search>
  );
}

function FilterInput({ field, value }: { readonly field: FilterField; readonly value: string }) {
  const text = useText();
  const id = useId();
  const { name, label, kind, choices = [], required = false, hint } = field;
  const change = ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
    changeQuery({ [name]: currentTarget.value.trim() });
  const control = { id, value, onChange: change };
  return (
    <div class={`filter filter-${kind}`}>
      <label for={id}>{label}</label>
      {kind === 'choice' && (
        <select {...control}>
          {!required && <option value="">{text('all')}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
      {kind === 'text' && <input {...control} type="text" placeholder={hint} autocomplete="off" />}
      {kind === 'number' && <input {...control} type="number" placeholder={hint} min={1} />}
      {kind === 'day' && <input {...control} type="date" />}
    </div>
  );
}
