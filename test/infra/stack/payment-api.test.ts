import { describe, expect, it } from 'vitest';
import { routesOf } from '../../../infra/endpoints.ts';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { providers } from '../../../lib/orders/kinds.ts';
import { chinaStage, fullStage } from './stage.ts';
import {
  logicalName,
  render,
  resourceOf,
  resourcesIn,
  resourcesOf,
  serviceEndpoints,
  templates,
} from './template-reader.ts';

const routesOfTable = serviceEndpoints.flatMap((endpoint) =>
  routesOf(endpoint).map(({ method, path }) => ({ key: `${method} ${path}`, name: endpoint.name })),
);

describe('the API', () => {
  it('has the routes of the table of endpoints, and no others', () => {
    const integrations = Object.entries(templates.service.Resources).filter(
      ([, { Type }]) => Type === 'AWS::ApiGatewayV2::Integration',
    );
    const handlers = Object.fromEntries(
      integrations.map(([id, { Properties }]) => [id, render(Properties['IntegrationUri'])]),
    );
    const routes = resourcesOf('AWS::ApiGatewayV2::Route').map(({ Properties }) => {
      const target = JSON.stringify(Properties['Target']);
      const integration = Object.keys(handlers).find((id) => target.includes(`"${id}"`));
      return [Properties['RouteKey'], integration && handlers[integration]];
    });
    expect(Object.fromEntries(routes)).toEqual(
      Object.fromEntries(routesOfTable.map(({ key, name }) => [key, `<${logicalName(name)}Aliaslive>`])),
    );
    expect(routes).toHaveLength(routesOfTable.length);
  });

  it("takes each provider's messages for a tenant beside those for the stage", () => {
    const keys = resourcesOf('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties['RouteKey']);
    for (const provider of providers) {
      expect(keys).toContain(`POST /api/pay/callback/${provider}`);
      expect(keys).toContain(`POST /api/pay/callback/${provider}/{tenant_id}`);
    }
    expect(keys).not.toContainEqual(expect.stringMatching(/notify\/\{tenant_id/));
  });

  it('hands events over in payload format 2.0', () => {
    expect(resourceOf('AWS::ApiGatewayV2::Api').Properties['ProtocolType']).toBe('HTTP');
    for (const { Properties } of resourcesOf('AWS::ApiGatewayV2::Integration')) {
      expect(Properties['PayloadFormatVersion']).toBe('2.0');
    }
  });

  it('is reached by its own domain and then by nothing else', () => {
    const { Properties: open } = resourceOf('AWS::ApiGatewayV2::Api');
    expect(open['DisableExecuteApiEndpoint']).toBe(false);
    expect(resourcesOf('AWS::ApiGatewayV2::DomainName')).toEqual([]);

    for (const stage of [fullStage, chinaStage]) {
      const { service } = synthesizeStage(stage);
      const [api, domain, mapping] = ['Api', 'DomainName', 'ApiMapping'].map(
        (type) => resourcesIn(service, `AWS::ApiGatewayV2::${type}`)[0]?.Properties ?? {},
      );
      expect(api).toMatchObject({ DisableExecuteApiEndpoint: true });
      expect(domain).toMatchObject({
        DomainName: stage.domain?.name,
        DomainNameConfigurations: [
          {
            CertificateArn: stage.domain?.certificateArn,
            EndpointType: 'REGIONAL',
            SecurityPolicy: 'TLS_1_2',
          },
        ],
      });
      expect(mapping).toMatchObject({ Stage: '$default' });
      expect(mapping).not.toHaveProperty('ApiMappingKey');
    }
  });
});

describe('the API at the edge', () => {
  const { Properties: stage, DependsOn = [] } = resourceOf('AWS::ApiGatewayV2::Stage');

  it('limits each route, those that the stage names by limits of their own', () => {
    expect(stage['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8 });
    expect(stage['RouteSettings']).toEqual({
      'POST /v2/payments/notify': { ThrottlingRateLimit: 70, ThrottlingBurstLimit: 80 },
      'POST /api/pay/callback/stripe': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 60 },
      'POST /api/pay/callback/stripe/{tenant_id}': { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 60 },
    });
  });

  it('waits for the routes that it limits', () => {
    const routes = Object.entries(templates.service.Resources)
      .filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Route')
      .map(([id]) => id);
    expect(routes).toHaveLength(routesOfTable.length);
    expect(DependsOn).toEqual(expect.arrayContaining(routes));
  });

  it('logs each request as JSON, and nothing of who sent what', () => {
    const { DestinationArn, Format } = stage['AccessLogSettings'] as Record<string, unknown>;
    expect(render(DestinationArn)).toBe('<apiaccesslogs.Arn>');
    expect(JSON.parse(String(Format))).toMatchObject({
      request_id: '$context.requestId',
      route: '$context.routeKey',
      status: '$context.status',
      latency_ms: '$context.responseLatency',
      function_error: '$context.integration.error',
    });
    expect(Format).not.toMatch(/identity|authorizer|path|querystring|header|userAgent|domain/i);
  });

  it('has no route that takes what no other route takes', () => {
    const keys = resourcesOf('AWS::ApiGatewayV2::Route').map(({ Properties }) => Properties['RouteKey']);
    expect(keys).not.toContain('$default');
    for (const key of keys) expect(key).not.toMatch(/\+\}|^ANY /);
  });
});
