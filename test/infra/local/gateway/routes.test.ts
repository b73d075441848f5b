import { describe, expect, it } from 'vitest';
import { endpoints } from '../../../../infra/endpoints.ts';
import { findRoute } from '../../../../infra/local/gateway/routes.ts';

const nameOf = (method: string, path: string) => findRoute(endpoints, method, path)?.endpoint.name;
const parametersOf = (method: string, path: string) => findRoute(endpoints, method, path)?.pathParameters;

describe('findRoute', () => {
  it('finds every endpoint by its own method and path', () => {
    for (const { name, method, path } of endpoints) {
      expect(nameOf(method, path.replace(/\{\w+\}/g, '7'))).toBe(name);
    }
  });

  it('finds a callback by the path of a tenant, too', () => {
    expect(findRoute(endpoints, 'POST', '/api/pay/callback/alipay/7')).toEqual({
      endpoint: expect.objectContaining({ name: 'alipay-callback' }),
      path: '/api/pay/callback/alipay/{tenant_id}',
      pathParameters: { tenant_id: '7' },
    });
    expect(findRoute(endpoints, 'POST', '/api/pay/callback/alipay')).toMatchObject({
      path: '/api/pay/callback/alipay',
      pathParameters: {},
    });
  });

  it('decodes parameters after the path was split', () => {
    expect(parametersOf('GET', '/v2/orders/mall/1%2F2')).toEqual({ kind: 'mall', id: '1/2' });
    expect(parametersOf('GET', '/api/pay/orders/%E8%AE%A2')).toEqual({ order_no: '订' });
    expect(parametersOf('POST', '/api/pay/checkout')).toEqual({});
  });

  it('prefers a literal segment to a parameter, in whatever order they are listed', () => {
    const line = { documents: [], table: [], method: 'GET' } as const;
    const table = [
      { ...line, name: 'any', path: '/orders/{kind}' },
      { ...line, name: 'mall', path: '/orders/mall' },
    ];
    for (const listed of [table, [...table].reverse()]) {
      expect(findRoute(listed, 'GET', '/orders/mall')?.endpoint.name).toBe('mall');
      expect(findRoute(listed, 'GET', '/orders/meal')?.endpoint.name).toBe('any');
    }
  });

  it('gives a greedy parameter the rest of the path, where nothing else fits', () => {
    const line = { documents: [], table: [], method: 'GET' } as const;
    const table = [
      { ...line, name: 'files', path: '/files', otherPaths: ['/files/{file+}'] },
      { ...line, name: 'one', path: '/files/{id}' },
    ];
    for (const listed of [table, [...table].reverse()]) {
      expect(findRoute(listed, 'GET', '/files/a%20b/c.js')).toMatchObject({
        endpoint: { name: 'files' },
        path: '/files/{file+}',
        pathParameters: { file: 'a b/c.js' },
      });
      expect(findRoute(listed, 'GET', '/files/a')?.endpoint.name).toBe('one');
      expect(findRoute(listed, 'GET', '/files')).toMatchObject({ path: '/files', pathParameters: {} });
      expect(findRoute(listed, 'GET', '/files/')).toBeNull();
      expect(findRoute(listed, 'GET', '/filesystem/a/b')).toBeNull();
      expect(findRoute(listed, 'POST', '/files/a/b')).toBeNull();
    }
  });

  it.each([
    ['another method', 'DELETE', '/api/pay/checkout'],
    ['a slash at the end', 'POST', '/api/pay/checkout/'],
    ['an empty parameter', 'GET', '/v2/orders/mall/'],
    ['an encoded literal', 'POST', '/api/pay/check%6Fut'],
    ['another case', 'POST', '/api/pay/Checkout'],
    ['a longer path', 'POST', '/v2/orders/mall/1/pay/now'],
  ])('finds nothing for %s', (_what, method, path) => {
    expect(findRoute(endpoints, method, path)).toBeNull();
  });

  it('refuses a parameter that is not UTF-8', () => {
    expect(() => findRoute(endpoints, 'GET', '/v2/orders/mall/%FF')).toThrow(URIError);
  });
});
