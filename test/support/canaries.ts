/** Something that must not be seen. The name says what it is, in place of the value. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** A place and what was written there. */
export interface Written {
  readonly place: string;
  readonly text: string;
}

/** Shorter values could stand in a text by chance. */
const SHORTEST = 8;
const WINDOW = 16;

const secretFields: ReadonlySet<string> = new Set([
  'hs256_secret',
  'private_key',
  'apiv3_key',
  'callback_keys',
  'secret',
  'secret_key',
  'secrets',
  'webhook_secrets',
  'webhook_url',
]);

/** The secrets of configuration documents. Of a key, each of its lines: it need not be told whole. */
export function documentSecrets(documents: Readonly<Record<string, unknown>>): Canary[] {
  return Object.entries(documents).flatMap(([document, fields]) =>
    [...Object.entries(fields ?? {}), ...appSecrets(fields)]
      .filter(([field]) => secretFields.has(field))
      .flatMap(([field, value]) =>
        [value]
          .flat()
          .flatMap(parts)
          .map((part) => ({ name: `${document}.${field}`, value: part })),
      ),
  );
}

/** Those that open the API of mini-programs. */
const appSecrets = (fields: unknown): [string, unknown][] =>
  Object.values((fields as { apps?: Record<string, { secret?: unknown }> } | null)?.apps ?? {}).map(
    ({ secret }) => ['secret', secret],
  );

function parts(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  if (value.startsWith('http')) return [URL.parse(value)?.searchParams.get('key') ?? value];
  return value.split('\n').filter((line) => !line.startsWith('-----'));
}

/** Where a canary stands in a text, in any of the writings that a program could give it. Names, never values. */
export function findCanaries(canaries: readonly Canary[], written: readonly Written[]): string[] {
  const find = finder(
    canaries
      .filter(({ value }) => value.length >= SHORTEST)
      .flatMap(({ name, value }) => writings(value).map((writing) => ({ name, value: writing }))),
  );
  return [...new Set(written.flatMap(({ place, text }) => find(text).map((name) => `${name} in ${place}`)))];
}

function writings(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '');
  return [...new Set([value, encodeURIComponent(value), base64.slice(0, -1)])];
}

/** Looks for thousands of values in one pass: by their first characters, the short ones by each. */
function finder(canaries: readonly Canary[]): (text: string) => string[] {
  const long = canaries.filter(({ value }) => value.length >= WINDOW);
  const short = canaries.filter(({ value }) => value.length < WINDOW);
  const byBeginning = Map.groupBy(long, ({ value }) => value.slice(0, WINDOW));
  return (text) => {
    const found = short.filter(({ value }) => text.includes(value));
    for (let position = 0; position + WINDOW <= text.length; position++) {
      const candidates = byBeginning.get(text.slice(position, position + WINDOW));
      if (candidates) found.push(...candidates.filter(({ value }) => text.startsWith(value, position)));
    }
    return found.map(({ name }) => name);
  };
}
