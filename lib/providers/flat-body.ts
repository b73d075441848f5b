import { decodeJsonText, stringToken } from '../json.ts';
import { MalformedMessageError, readJson, wordings } from './message.ts';

/** A flat body's fields by name. */
export type FlatFields = ReadonlyMap<string, string>;

/**
 * The fields of a flat body: a JSON object of strings, each field at most once and one of those allowed.
 * Read here and not by `JSON.parse`, which hides a repeated field. The caller bounds the size.
 * @throws MalformedMessageError
 */
export function parseFlatBody(body: Buffer, allowed: readonly string[]): FlatFields {
  const fields = new Map<string, string>();
  for (const [name, value] of readMembers(readJson(null, () => decodeJsonText(body)))) {
    if (!allowed.includes(name)) throw unknownField(name);
    if (fields.has(name)) throw new MalformedMessageError(name, wordings.repeated);
    if (value === null) throw new MalformedMessageError(name, wordings.notText);
    if (/[&=]/.test(value))
      throw new MalformedMessageError(name, { zh: '不能含有 & 或 =', en: 'must not contain & or =' });
    if (!value.isWellFormed())
      throw new MalformedMessageError(name, {
        zh: '不是有效的 Unicode 文本',
        en: 'is not valid Unicode text',
      });
    fields.set(name, value);
  }
  return fields;
}

const notJson = () =>
  new MalformedMessageError(null, {
    zh: '须为字段值均为字符串的 JSON 对象',
    en: 'must be a JSON object whose fields are all strings',
  });

const hasUnknown = { zh: '含有不允许的字段', en: 'has a field that is not known' };

/** The sender made the name up. It is told which one it is, if that can be read; the log is not. */
const unknownField = (name: string) =>
  /^\w{1,64}$/.test(name)
    ? new MalformedMessageError(name, wordings.unknown, hasUnknown.zh)
    : new MalformedMessageError(null, hasUnknown);

const space = '[ \\t\\n\\r]*';
const tokens = {
  open: new RegExp(`${space}\\{${space}(\\})?`, 'y'),
  member: new RegExp(`${space}(${stringToken})${space}:${space}(${stringToken})?`, 'sy'),
  separator: new RegExp(`${space}([,}])`, 'y'),
  end: new RegExp(`${space}$`, 'y'),
};

/** The members of a JSON object in their order; null for a value that is no string, which ends the reading. */
function* readMembers(text: string): Generator<readonly [name: string, value: string | null]> {
  let position = 0;
  const take = (token: RegExp): RegExpExecArray => {
    token.lastIndex = position;
    const match = token.exec(text);
    if (!match) throw notJson();
    position = token.lastIndex;
    return match;
  };
  let closed = take(tokens.open)[1] === '}';
  while (!closed) {
    // Stryker disable next-line StringLiteral: a member that matches has a name
    const [, name = '', value] = take(tokens.member);
    yield [unquote(name), value === undefined ? null : unquote(value)];
    closed = take(tokens.separator)[1] === '}';
  }
  take(tokens.end);
}

/** A string token's text; `JSON.parse` knows the escapes and refuses control characters. */
function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    throw notJson();
  }
}
