import type { Wording } from './wording.ts';

/** Bytes that are not the JSON they must be. The message follows a subject ("请求体…") and quotes nothing. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly wording: Wording;

  constructor(wording: Wording) {
    super(wording.zh);
    this.wording = wording;
  }
}

const maximumDepth = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The object that the bytes spell. A key at any level that would reach into prototypes is refused, and so is
 * nesting past 32 levels; the caller bounds the size.
 * @throws JsonError
 */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> {
  const value = parse(decodeJsonText(bytes));
  if (!isJsonObject(value)) throw new JsonError({ zh: '须为 JSON 对象', en: 'must be a JSON object' });
  checkStructure(value);
  return value;
}

/** The text of a JSON document, which is UTF-8 without a byte order mark (RFC 8259, 8.1). @throws JsonError */
export function decodeJsonText(bytes: Buffer): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new JsonError({ zh: '不是有效的 UTF-8', en: 'is not valid UTF-8' });
  }
  if (text === '') throw new JsonError({ zh: '不能为空', en: 'must not be empty' });
  if (text.startsWith('\uFEFF'))
    throw new JsonError({ zh: '不能以 BOM 开头', en: 'must not begin with a byte order mark' });
  return text;
}

/** The token of a string, for an expression with the flag `s`: it does not go back into what it has taken. */
export const stringToken = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"';

const nameOrBrace = new RegExp(`(${stringToken})(\\s*:)?|[{}]`, 'gs');

/**
 * A name that an object of a valid JSON text has twice; null of none. `JSON.parse` keeps the last and says nothing, to a
 * reviver neither.
 */
export function repeatedName(text: string): string | null {
  const objects: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(nameOrBrace)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    if (string === undefined || colon === undefined) continue;
    const name = String(JSON.parse(string));
    if (objects.at(-1)?.has(name)) return name;
    objects.at(-1)?.add(name);
  }
  return null;
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return hasMembers(value) && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonError({ zh: '不是有效的 JSON', en: 'is not valid JSON' });
  }
}

/**
 * Goes through what was parsed and not through its text, and through objects with `for … in`: either is several times
 * as fast as the other way, and what is parsed inherits nothing that is enumerable.
 */
function checkStructure(value: object, depth = 0): void {
  if (depth === maximumDepth)
    throw new JsonError({
      zh: `嵌套不能超过 ${maximumDepth} 层`,
      en: `must not be nested more than ${maximumDepth} levels deep`,
    });
  // Stryker disable next-line ConditionalExpression,BlockStatement: `for … in` finds the same, but slowly
  if (Array.isArray(value)) {
    for (const element of value) if (hasMembers(element)) checkStructure(element, depth + 1);
    return;
  }
  for (const key in value) {
    if (isRefused(key))
      throw new JsonError({ zh: '含有不允许的字段名', en: 'has a field with a name that is not allowed' });
    const member: unknown = value[key as keyof typeof value];
    if (hasMembers(member)) checkStructure(member, depth + 1);
  }
}

const isRefused = (key: string) => key === '__proto__' || key === 'constructor' || key === 'prototype';
const hasMembers = (value: unknown): value is object => typeof value === 'object' && value !== null;
