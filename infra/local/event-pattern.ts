/**
 * EventBridge's patterns, which filter a function's events too (Lambda developer guide, "Filter rule syntax"), as far as
 * the stack uses them: nested names, and at each leaf a list of alternatives, of equality, `prefix` or `exists`. Of a
 * list, one element has to match.
 */
export type Matcher = (value: unknown) => boolean;

/** @throws Error for syntax that is not supported, so that no filter means something else here than on AWS */
export function compilePattern(pattern: unknown): Matcher {
  if (Array.isArray(pattern)) return ofAnyElement(anyOf(pattern.map(compileAlternative)));
  if (!isRecord(pattern)) throw new Error('a filter pattern must be an object or a list');
  const fields = Object.entries(pattern).map(([name, child]): [string, Matcher] => {
    if (name.startsWith('$')) throw new Error(`filter pattern: ${name} is not supported`);
    return [name, compilePattern(child)];
  });
  return ofAnyElement((value) =>
    fields.every(([name, matches]) =>
      matches(isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    ),
  );
}

/** Joins filters as an event source mapping does: by or. No filter lets everything through. */
export function compileFilters(patterns: readonly unknown[]): Matcher {
  return patterns.length === 0 ? () => true : anyOf(patterns.map(compilePattern));
}

function ofAnyElement(matches: Matcher): Matcher {
  return (value) => (Array.isArray(value) ? value.some(matches) : matches(value));
}

function anyOf(matchers: readonly Matcher[]): Matcher {
  return (value) => matchers.some((matches) => matches(value));
}

function compileAlternative(alternative: unknown): Matcher {
  if (!isRecord(alternative)) return (value) => value === alternative;
  const { prefix, exists, ...others } = alternative;
  const unsupported = Object.keys(others);
  if (unsupported.length > 0) throw new Error(`filter pattern: ${unsupported[0]} is not supported`);
  if (typeof prefix === 'string') return (value) => typeof value === 'string' && value.startsWith(prefix);
  // Only a leaf exists (the same page).
  if (typeof exists === 'boolean') return (value) => (value !== undefined && !isRecord(value)) === exists;
  throw new Error('filter pattern: prefix must be a string and exists a boolean');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
