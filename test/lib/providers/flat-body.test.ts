import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFlatBody } from '../../../lib/providers/flat-body.ts';
import { MalformedMessageError } from '../../../lib/providers/message.ts';

const allowed = ['amount', 'order_no', 'status'];
const parse = (text: string) => parseFlatBody(Buffer.from(text), allowed);
const refusal = (field: string | null) => expect.objectContaining({ name: 'MalformedMessageError', field });

describe('parseFlatBody', () => {
  it('gives the fields by name', () => {
    const body = '\n{ "order_no" : "mall-1","status":"a\\u4e2d\\n\\"\\\\","amount":"" }\t';
    expect([...parse(body)]).toEqual([
      ['order_no', 'mall-1'],
      ['status', 'a中\n"\\'],
      ['amount', ''],
    ]);
    expect(parse('{ }').size).toBe(0);
  });

  it.each([
    ['a number', '{"amount":1}', 'amount'],
    ['null', '{"amount":null}', 'amount'],
    ['an object', '{"amount":{"amount":"1"}}', 'amount'],
    ['an array', '{"amount":["1"]}', 'amount'],
    ['an ampersand', '{"order_no":"a&status=b"}', 'order_no'],
    ['an escaped equals sign', '{"order_no":"a\\u003db"}', 'order_no'],
    ['half a surrogate pair', '{"order_no":"\\ud83d"}', 'order_no'],
    ['a field twice', '{"status":"failed","status":"succeeded"}', 'status'],
    ['a field twice, spelled differently', '{"status":"failed","\\u0073tatus":"failed"}', 'status'],
    ['a field that is not allowed', '{"txn_id":"1"}', 'txn_id'],
    ['__proto__', '{"__proto__":"1"}', '__proto__'],
    ['constructor', '{"constructor":{}}', 'constructor'],
    ['a field with no name', '{"":"1"}', null],
    ['a field name not to be repeated', '{"a\\r\\nb":"1"}', null],
    ['nothing', '', null],
    ['a byte order mark', '\uFEFF{}', null],
    ['null alone', 'null', null],
    ['an array alone', '[]', null],
    ['a string alone', '"{}"', null],
    ['no end', '{"status":"failed"', null],
    ['an open string', '{"status":"failed\\"', 'status'],
    ['a comma too many', '{"status":"failed",}', null],
    ['a comma too few', '{"status":"failed" "amount":"1"}', null],
    ['something after it', '{"status":"failed"}{}', null],
    ['a control character', '{"status":"a\u0000b"}', null],
    ['a bad escape', '{"status":"\\x41"}', null],
    ['single quotes', "{'status':'failed'}", null],
  ])('refuses %s', (_, text, field) => {
    expect(() => parse(text)).toThrow(refusal(field));
  });

  it('refuses bytes that are not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"status":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseFlatBody(body, allowed)).toThrow(refusal(null));
  });

  it('reads what JSON.parse reads', () => {
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !/[&=]/.test(text));
    fc.assert(
      fc.property(
        fc.record({ amount: value, order_no: value, status: value }),
        fc.nat(2),
        (fields, indent) => {
          expect(Object.fromEntries(parse(JSON.stringify(fields, null, indent)))).toEqual(fields);
        },
      ),
    );
  });

  it('throws nothing else on any text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\{(["\\:, {}a]|"status"|:"")*$/), (text) => {
        try {
          expect(Object.fromEntries(parse(text))).toEqual(JSON.parse(text));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes time in proportion to the length', () => {
    const started = performance.now();
    for (const text of ['\\"', '\\\\', ' ', '"', '{']) {
      expect(() => parse(`{"status":"${text.repeat(120_000)}`)).toThrow(MalformedMessageError);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
