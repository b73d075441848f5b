import { storeError } from './errors.ts';

/** DynamoDB's expressions, as far as the stores use them: conditions, keys, filters and updates. */

export type Item = Readonly<Record<string, unknown>>;

/** What an expression's placeholders stand for. */
export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

type Operand = (item: Item | undefined, placeholders: Placeholders) => unknown;
type Condition = (item: Item | undefined, placeholders: Placeholders) => boolean;
type Assignment = (item: Item, placeholders: Placeholders) => readonly [name: string, value: unknown];

interface Update {
  readonly set: readonly Assignment[];
  readonly add: readonly Assignment[];
  readonly remove: readonly ((placeholders: Placeholders) => string)[];
}

const conditions = new Map<string, Condition>();
const updates = new Map<string, Update>();

/** Whether the item, if there is one, fulfils the expression. @throws Error for one that is not understood */
export function fulfils(
  item: Item | undefined,
  expression: string | undefined,
  placeholders: Placeholders,
): boolean {
  if (expression === undefined) return true;
  return cached(conditions, expression, parseCondition)(item, placeholders);
}

/** The item as the update leaves it. @throws Error for an expression that is not understood */
export function updated(item: Item, expression: string, placeholders: Placeholders): Item {
  const { set, remove, add } = cached(updates, expression, parseUpdate);
  const changed = [...set, ...add].map((assign) => assign(item, placeholders));
  const removed = new Set(remove.map((name) => name(placeholders)));
  const kept = Object.entries({ ...item, ...Object.fromEntries(changed) });
  return Object.fromEntries(kept.filter(([name]) => !removed.has(name)));
}

function cached<T>(cache: Map<string, T>, text: string, parse: (tokens: Tokens) => T): T {
  const known = cache.get(text);
  if (known) return known;
  const tokens = tokensOf(text);
  const parsed = parse(tokens);
  if (tokens.peek() !== undefined) throw new Error(`not understood: ${text}`);
  cache.set(text, parsed);
  return parsed;
}

interface Tokens {
  peek(): string | undefined;
  take(expected?: string): string;
  /** Takes the token when it is next. */
  accept(token: string): boolean;
}

function tokensOf(text: string): Tokens {
  const tokens = text.match(/[A-Za-z_#:][\w.#]*|<=|<>|>=|[=+(),<>]|\S/g) ?? [];
  let position = 0;
  const peek = () => tokens[position];
  const take = (expected?: string) => {
    const token = tokens[position];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`not understood: ${text}`);
    }
    position += 1;
    return token;
  };
  return { peek, take, accept: (token) => peek() === token && take() === token };
}

function parseCondition(tokens: Tokens): Condition {
  const parts = listOf(tokens, 'OR', parseConjunction);
  return (item, placeholders) => parts.some((part) => part(item, placeholders));
}

function parseConjunction(tokens: Tokens): Condition {
  const parts = listOf(tokens, 'AND', parseTerm);
  return (item, placeholders) => parts.every((part) => part(item, placeholders));
}

function parseTerm(tokens: Tokens): Condition {
  if (tokens.accept('(')) {
    const inner = parseCondition(tokens);
    tokens.take(')');
    return inner;
  }
  const first = tokens.take();
  if (tokens.accept('(')) return parseFunction(first, tokens);
  const operand = operandOf(first);
  switch (tokens.take()) {
    case '=': {
      const other = operandOf(tokens.take());
      return (item, values) => equal(operand(item, values), other(item, values));
    }
    // True of an attribute that is not there, as DynamoDB has it.
    case '<>': {
      const other = operandOf(tokens.take());
      return (item, values) => !equal(operand(item, values), other(item, values));
    }
    case '<=': {
      const other = operandOf(tokens.take());
      return (item, values) => atMost(operand(item, values), other(item, values));
    }
    case '>=': {
      const other = operandOf(tokens.take());
      return (item, values) => atMost(other(item, values), operand(item, values));
    }
    case '<': {
      const other = operandOf(tokens.take());
      return (item, values) =>
        atMost(operand(item, values), other(item, values)) &&
        !equal(operand(item, values), other(item, values));
    }
    case '>': {
      const other = operandOf(tokens.take());
      return (item, values) =>
        atMost(other(item, values), operand(item, values)) &&
        !equal(operand(item, values), other(item, values));
    }
    case 'IN': {
      tokens.take('(');
      const choices = listOf(tokens, ',', (rest) => operandOf(rest.take()));
      tokens.take(')');
      return (item, values) => choices.some((choice) => equal(operand(item, values), choice(item, values)));
    }
    case 'BETWEEN': {
      const low = operandOf(tokens.take());
      tokens.take('AND');
      const high = operandOf(tokens.take());
      return (item, values) => {
        const [least, most] = [low(item, values), high(item, values)];
        if (!atMost(least, most)) throw storeError('ValidationException', 400);
        return atMost(least, operand(item, values)) && atMost(operand(item, values), most);
      };
    }
    default:
      throw new Error('an operator that is not understood');
  }
}

function parseFunction(name: string, tokens: Tokens): Condition {
  const [subject, argument] = listOf(tokens, ',', (rest) => operandOf(rest.take()));
  tokens.take(')');
  if (!subject) throw new Error('a function without an argument');
  if (name === 'attribute_exists') return (item, values) => subject(item, values) !== undefined;
  if (name === 'attribute_not_exists') return (item, values) => subject(item, values) === undefined;
  if (!argument) throw new Error(`not understood: ${name}`);
  if (name === 'begins_with') {
    return (item, values) => String(subject(item, values)).startsWith(String(argument(item, values)));
  }
  if (name === 'attribute_type') {
    return (item, values) => subject(item, values) === null && argument(item, values) === 'NULL';
  }
  throw new Error(`not understood: ${name}`);
}

function parseUpdate(tokens: Tokens): Update {
  const set = tokens.accept('SET') ? listOf(tokens, ',', parseAssignment) : [];
  const remove = tokens.accept('REMOVE') ? listOf(tokens, ',', (rest) => nameOf(rest.take())) : [];
  const add = tokens.accept('ADD') ? listOf(tokens, ',', parseAddition) : [];
  return { set, remove, add };
}

/** To a number, or to none. */
function parseAddition(tokens: Tokens): Assignment {
  const token = tokens.take();
  const [name, stored, added] = [nameOf(token), operandOf(token), operandOf(tokens.take())];
  return (item, values) => [name(values), Number(stored(item, values) ?? 0) + Number(added(item, values))];
}

function parseAssignment(tokens: Tokens): Assignment {
  const name = nameOf(tokens.take());
  tokens.take('=');
  const operand = parseSummand(tokens);
  if (!tokens.accept('+')) return (item, values) => [name(values), operand(item, values)];
  const added = parseSummand(tokens);
  return (item, values) => [name(values), Number(operand(item, values)) + Number(added(item, values))];
}

function parseSummand(tokens: Tokens): Operand {
  const first = tokens.take();
  if (first !== 'if_not_exists') return operandOf(first);
  tokens.take('(');
  const stored = operandOf(tokens.take());
  tokens.take(',');
  const otherwise = operandOf(tokens.take());
  tokens.take(')');
  return (item, values) => stored(item, values) ?? otherwise(item, values);
}

function listOf<T>(tokens: Tokens, separator: string, parse: (tokens: Tokens) => T): T[] {
  const parts = [parse(tokens)];
  while (tokens.accept(separator)) parts.push(parse(tokens));
  return parts;
}

const nameOf =
  (token: string) =>
  ({ ExpressionAttributeNames: names = {} }: Placeholders): string =>
    token.startsWith('#') ? (names[token] ?? token) : token;

function operandOf(token: string): Operand {
  if (token.startsWith(':')) return (_item, { ExpressionAttributeValues: values = {} }) => values[token];
  const path = token.split('.').map(nameOf);
  return (item, placeholders) =>
    path.reduce<unknown>((value, name) => (value as Item | null | undefined)?.[name(placeholders)], item);
}

/** Scalars only: nothing else is compared. */
const equal = (left: unknown, right: unknown): boolean => left !== undefined && left === right;

/** Texts are ASCII, so that code units are in the order of bytes; values of different types do not compare. */
function atMost(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left <= right;
  return typeof left === 'string' && typeof right === 'string' && left <= right;
}
