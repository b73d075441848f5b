import type { AlipayCounterpart } from '../../documents.ts';
import type { Answer, Call } from '../http.ts';
import { rsaSign } from '../rsa.ts';
import { GatewayError, noSuchApp } from './gateway-error.ts';
import { checkRequest } from './request.ts';

export type Fields = Readonly<Record<string, string>>;

/** What each method answers to its parameters. @throws GatewayError */
export type Methods = Readonly<Record<string, (parameters: URLSearchParams) => Fields>>;

/** What a request says, in its address and its body. */
export const parametersOf = ({ query, body }: Call): URLSearchParams =>
  new URLSearchParams([...query, ...new URLSearchParams(body.toString())]);

/** To an app that there is not. */
export function refuseStranger(call: Call): Answer {
  return unsigned(envelope(parametersOf(call).get('method') ?? '', refusal(noSuchApp())));
}

/** Alipay's gateway for calls of a server: everything goes to one address and is told apart by `method`. */
export function createGateway(counterpart: AlipayCounterpart, methods: Methods): (call: Call) => Answer {
  return (call) => {
    const parameters = parametersOf(call);
    const method = parameters.get('method') ?? '';
    try {
      checkRequest(parameters, counterpart);
    } catch (error) {
      return unsigned(envelope(method, refusal(error)));
    }
    const handle = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!handle) return signed('error', refusal(new GatewayError('isv.invalid-method', '不存在的方法名')));
    try {
      return signed(method, { code: '10000', msg: 'Success', ...handle(parameters) });
    } catch (error) {
      return signed(method, refusal(error));
    }
  };

  /** The signature is over the response's own text, slashes escaped as they are in it. */
  function signed(method: string, fields: Fields): Answer {
    const { name, text } = envelope(method, fields);
    return answer(`{"${name}":${text},"sign":"${rsaSign(text, counterpart.privateKey)}"}`);
  }
}

const envelope = (method: string, fields: Fields) => ({
  name: `${method.replaceAll('.', '_')}_response`,
  text: JSON.stringify(fields).replaceAll('/', '\\/'),
});

/** To whom nobody has signed for. */
const unsigned = ({ name, text }: { name: string; text: string }): Answer => answer(`{"${name}":${text}}`);

const answer = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body,
});

/** 40004: the business refuses; 40002: the request is wrong. @throws whatever is no GatewayError */
function refusal(error: unknown): Fields {
  if (!(error instanceof GatewayError)) throw error;
  const isBusiness = !error.code.startsWith('isv.');
  return {
    code: isBusiness ? '40004' : '40002',
    msg: isBusiness ? 'Business Failed' : 'Invalid Arguments',
    sub_code: error.code,
    sub_msg: error.message,
  };
}
