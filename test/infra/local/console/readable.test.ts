import { expect, it } from 'vitest';
import { readable } from '../../../../infra/local/console/readable.ts';

it('gives each field of JSON a line', () => {
  expect(readable('{"a":{"b":"支付"}}')).toBe('{\n  "a": {\n    "b": "支付"\n  }\n}');
});

it('decodes a form, and the JSON in it', () => {
  const form = 'app_id=1&subject=%E5%B8%86+%E5%B8%83&biz_content=%7B%22a%22%3A1%7D&metadata%5Bn%5D=2';
  expect(readable(form)).toBe('app_id = 1\nsubject = 帆 布\nbiz_content = {\n  "a": 1\n}\nmetadata[n] = 2');
});

it.each(['', 'success', '{"a":', '<xml>a=b</xml>', 'two words=1', '{\n  "a": 1\n}'])(
  'leaves %j alone',
  (body) => {
    expect(readable(body)).toBeNull();
  },
);
