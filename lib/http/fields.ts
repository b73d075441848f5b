import * as z from 'zod/mini';
import { AmountError, type CurrencyFormat, formatAmount, parseAmount } from '../money.ts';
import { isOneOf } from '../orders/kinds.ts';
import type { TextLimit } from '../providers/provider.ts';
import { type Wording, wordingAbout } from '../wording.ts';
import { ApiError, invalidField, MOST_NAMED, mergeErrors, mustBeOneOf, required } from './api-error.ts';
import { type ErrorWord, errorWords } from './error-words.ts';

/**
 * Field types of request bodies; what each says follows the field's name. What a check of our own asks for stands in
 * its `params` as JSON Schema says it, for the API's document.
 */

/** How a schema says it: a schema's message is one text, of which the first line is Chinese and the second English. */
export const says = ({ zh, en }: Wording) => ({ error: `${zh}\n${en}` });

const notInteger = says({ zh: '须为整数', en: 'must be an integer' });
const atLeast = (least: number) => says({ zh: `须大于等于 ${least}`, en: `must be at least ${least}` });

export const positiveInteger = z.int(notInteger).check(z.positive(atLeast(1)));

export const nonNegativeInteger = z.int(notInteger).check(z.nonnegative(atLeast(0)));

export const anyText = z.string(says({ zh: '须为字符串', en: 'must be a string' }));

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, says(mustBeOneOf(values)));

export const text = (longest: number) => sentText({ most: longest, unit: 'characters' });

/** Text that goes to a provider, as long as that takes it. */
export const sentText = (limit: TextLimit) =>
  anyText.check(
    z.refine((value) => value.isWellFormed() && value.length >= 1 && fits(value, limit), {
      ...says(tooLong(limit)),
      params: { minLength: 1, maxLength: limit.most },
    }),
  );

export const fits = (value: string, { most, unit }: TextLimit): boolean =>
  (unit === 'bytes' ? Buffer.byteLength(value) : [...value].length) <= most;

/** What is wrong with a text that does not fit. */
export const tooLong = ({ most, unit }: TextLimit): Wording => ({
  zh: `长度须为 1 到 ${most} ${unit === 'bytes' ? '字节（UTF-8）' : '个字符'}`,
  en: `must be 1 to ${most} ${unit === 'bytes' ? 'bytes (UTF-8)' : 'characters'} long`,
});

/**
 * Money as a JSON number, which means the shortest decimal that spells its double; as that text, to be read by the
 * currency's rules. What JavaScript would write with an exponent is too large or too fine for any currency.
 */
export const amountText = z.pipe(
  z.number(says({ zh: '须为数字', en: 'must be a number' })).check(
    z.refine(
      (value) => value >= 0 && !Object.is(value, -0),
      says({ zh: '不能带负号', en: 'must not be negative' }),
    ),
    z.lte(Number.MAX_SAFE_INTEGER, says({ zh: '超出可表示的范围', en: 'is out of range' })),
    z.refine(
      (value) => value <= 0 || value >= 1e-6,
      says({ zh: '小数位数过多', en: 'has too many decimals' }),
    ),
  ),
  z.transform(String),
);

/** A request body: a JSON object of these fields and no others, so that a misspelt one is never taken for left out. */
export const bodyFields = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, says({ zh: '须为 JSON 对象', en: 'must be a JSON object' }));

/** A field that is wrong only together with another, or by a provider's rules. */
export interface FieldProblem {
  readonly wording: Wording;
  readonly word?: ErrorWord;
}

/** Refuses fields that are wrong only together with others. */
export function refuseFields(
  context: z.core.ParsePayload,
  problems: readonly (FieldProblem & { readonly field: string })[],
): never {
  for (const { field, wording, word } of problems) {
    const { error: message } = says(wording);
    context.issues.push({ code: 'custom', path: [field], message, params: { word }, input: null });
  }
  return z.NEVER;
}

/** The amount in smallest units, or what is wrong with it. */
export function readAmount(
  text: string,
  format: CurrencyFormat,
  least: number,
  most: number,
): number | FieldProblem {
  try {
    const amount = parseAmount(text, format);
    if (amount > most) {
      const limit = formatAmount(most, format);
      return {
        word: 'amount_too_large',
        wording: { zh: `不能高于 ${limit}`, en: `must be at most ${limit}` },
      };
    }
    if (amount >= least) return amount;
    return { word: 'amount_too_small', wording: tooSmall(least, format) };
  } catch (error) {
    if (error instanceof AmountError) return { wording: error.wording };
    throw error;
  }
}

function tooSmall(least: number, format: CurrencyFormat): Wording {
  if (least === 1) return { zh: '须大于 0', en: 'must be more than 0' };
  const limit = formatAmount(least, format);
  return { zh: `不能低于 ${limit}`, en: `must be at least ${limit}` };
}

/** All that is wrong with a body, each field once; of one that is no object, that. */
export function bodyError(issues: readonly z.core.$ZodIssue[]): ApiError {
  const byField = new Map<string, ApiError>();
  for (const error of issues.flatMap(issueErrors)) {
    const field = error.fields.join();
    if (!byField.has(field)) byField.set(field, error);
  }
  return mergeErrors([...byField.values()]);
}

function issueErrors(issue: z.core.$ZodIssue): ApiError[] {
  if (issue.code === 'unrecognized_keys') {
    // An error with its stack for each of the names that fit in a body would take a second.
    const named = issue.keys.slice(0, MOST_NAMED);
    return named.map((key) => unknownName([...issue.path, key].join('.'), unknownFieldWordings));
  }
  const [zh = '', en = ''] = issue.message.split('\n');
  if (issue.path.length === 0) {
    return [new ApiError(400, 'invalid_body', { zh: `请求体 ${zh}`, en: `The body ${en}` })];
  }
  const field = issue.path.join('.');
  if (issue.input === undefined) return [invalidField(field, required, 'missing_field')];
  return [invalidField(field, { zh, en }, wordOf(issue))];
}

function wordOf(issue: z.core.$ZodIssue): ErrorWord {
  const word: unknown = issue.code === 'custom' ? issue.params?.['word'] : null;
  return typeof word === 'string' && isOneOf(errorWords, word) ? word : 'invalid_field';
}

interface NameWordings {
  /** Follows the name. */
  readonly named: Wording;
  readonly unnamed: Wording;
}

const unknownFieldWordings: NameWordings = {
  named: { zh: '不是允许的字段', en: 'is not a known field' },
  unnamed: { zh: '请求体含有不允许的字段', en: 'The body has a field that is not known' },
};

const unknownParameterWordings: NameWordings = {
  named: { zh: '不是允许的参数', en: 'is not a known parameter' },
  unnamed: { zh: '请求含有不允许的参数', en: 'The request has a parameter that is not known' },
};

export const unknownParameter = (name: string): ApiError => unknownName(name, unknownParameterWordings);

/** Which of two values is meant, nobody can tell. */
export const repeatedField = (name: string): ApiError =>
  sentName(name, 'invalid_field', {
    named: { zh: '重复出现', en: 'occurs more than once' },
    unnamed: { zh: '请求体含有重复的字段', en: 'The body has a field that occurs more than once' },
  });

const unknownName = (name: string, wordings: NameWordings): ApiError =>
  sentName(name, 'unknown_field', wordings);

/** The client made the name up, so that the log does not repeat it, nor the reply what cannot be read. */
const sentName = (name: string, word: ErrorWord, { named, unnamed }: NameWordings): ApiError =>
  /^\P{C}{1,64}$/u.test(name)
    ? new ApiError(400, word, wordingAbout(name, named), { field: name, reason: unnamed.zh })
    : new ApiError(400, word, unnamed);

/** What is wrong with a number of a path or query that `pathInteger` does not take. */
export const mustBePositive: Wording = { zh: '须为正整数', en: 'must be a positive integer' };

const IDENTIFIER = /^[1-9][0-9]{0,15}$/;

/** A positive integer in a path; null when it is none. */
export function pathInteger(value: string | undefined): number | null {
  const number = IDENTIFIER.test(value ?? '') ? Number(value) : 0;
  return number > 0 && Number.isSafeInteger(number) ? number : null;
}
