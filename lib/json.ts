/** Bytes that are not the JSON they must be. The message follows a subject ("请求体…") and quotes nothing. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/** As `JSON.parse` takes it; for a primitive value, `source` is its text. */
export type JsonReviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const maximumDepth = 32;
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The object that the bytes spell. A key at any level that would reach into prototypes is refused, and so is
 * nesting past 32 levels; the caller bounds the size.
 * @throws JsonError
 */
export function parseJsonObject(bytes: Buffer, reviver?: JsonReviver): Record<string, unknown> {
  const text = decodeJsonText(bytes);
  if (isTooDeep(text)) throw new JsonError(`嵌套不能超过 ${maximumDepth} 层`);
  const value = parse(text, reviver);
  if (!isJsonObject(value)) throw new JsonError('须为 JSON 对象');
  return value;
}

/** The text of a JSON document, which is UTF-8 without a byte order mark (RFC 8259, 8.1). @throws JsonError */
export function decodeJsonText(bytes: Buffer): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new JsonError('不是有效的 UTF-8');
  }
  if (text === '') throw new JsonError('不能为空');
  if (text.startsWith('\uFEFF')) throw new JsonError('不能以 BOM 开头');
  return text;
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string, reviver: JsonReviver | undefined): unknown {
  const checked: JsonReviver = (key, value, context) => {
    if (refusedKeys.has(key)) throw new JsonError('含有不允许的字段名');
    return reviver ? reviver(key, value, context) : value;
  };
  try {
    return JSON.parse(text, checked);
  } catch (error) {
    throw error instanceof SyntaxError ? new JsonError('不是有效的 JSON') : error;
  }
}

/** One pass without recursion, so that it can be done before anything is built. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  // Stryker disable next-line EqualityOperator: past the end there is no character
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > maximumDepth) return true;
  }
  return false;
}
