import { Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpApi,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { type Endpoint, endpoints, inStack, routesOf } from '../endpoints.ts';
import type { RouteLimit, Stage } from '../stages.ts';
import { StageLogGroup } from './stage-log-group.ts';

/** Room for the slowest calls to a provider, inside the API's own 30 s. */
export const apiTimeout = Duration.seconds(20);

/**
 * One line for each request. The path as it was sent, the query, headers and addresses stay out of it: they name
 * orders and people, or hold what must not be logged.
 */
const accessLogFields = {
  time: '$context.requestTime',
  request_id: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  latency_ms: '$context.responseLatency',
  response_bytes: '$context.responseLength',
  error: '$context.error.message',
  function_request_id: '$context.integration.requestId',
  function_status: '$context.integration.status',
  function_latency_ms: '$context.integration.latency',
  function_error: '$context.integration.error',
};

/** An HTTP API whose routes are added one by one; its functions get events of payload format 2.0. */
export class PaymentApi extends HttpApi {
  /** Where providers and clients reach it, without a slash at its end. */
  readonly address: string;
  /** The stage's own domain, whose DNS record must name `regionalDomainName`. */
  readonly domain: DomainName | undefined;
  readonly #stage: HttpStage;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id, {
      apiName: `settle-${stage.name}`,
      createDefaultStage: false,
      // With a domain there is one way in, the one that certificate, DNS and firewall are kept for.
      disableExecuteApiEndpoint: stage.domain !== undefined,
    });
    acknowledgeAuthorization(this);
    this.domain = stage.domain && this.#addDomain(stage.domain);
    this.address = stage.domain ? `https://${stage.domain.name}` : this.apiEndpoint;
    this.#stage = new HttpStage(this, 'default-stage', {
      httpApi: this,
      autoDeploy: true,
      ...(this.domain ? { domainMapping: { domainName: this.domain } } : {}),
      throttle: {
        rateLimit: stage.throttling.default.requestsPerSecond,
        burstLimit: stage.throttling.default.burst,
      },
      accessLogSettings: {
        destination: new LogGroupLogDestination(new StageLogGroup(this, 'access-logs', stage)),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    const cfnStage = this.#stage.node.defaultChild;
    if (cfnStage instanceof CfnStage) cfnStage.routeSettings = routeSettings(stage.throttling.routes ?? {});
  }

  route(endpoint: Endpoint, handler: IFunction): void {
    const integration = new HttpLambdaIntegration(endpoint.name, handler);
    for (const { method, path } of routesOf(endpoint)) {
      const routes = this.addRoutes({ path, methods: [HttpMethod[method]], integration });
      // API Gateway refuses limits for a route that is not there yet.
      this.#stage.node.addDependency(...routes);
    }
  }

  #addDomain({ name, certificateArn }: NonNullable<Stage['domain']>): DomainName {
    return new DomainName(this, 'domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'certificate', certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
  }
}

/** Adds an endpoint of another stack to the API. */
export function addRoutes(scope: Construct, api: IHttpApi, endpoint: Endpoint, handler: IFunction): void {
  const integration = new HttpLambdaIntegration(endpoint.name, handler);
  for (const { method, path } of routesOf(endpoint)) {
    const routeKey = HttpRouteKey.with(path, HttpMethod[method]);
    const route = new HttpRoute(scope, `${method} ${path}`, { httpApi: api, routeKey, integration });
    acknowledgeAuthorization(route);
  }
}

function acknowledgeAuthorization(construct: IConstruct): void {
  Validations.of(construct).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: 'The functions authorize: a provider by its signature over the raw body, anybody else by a JWT',
  });
}

/** By route key, as CDK has no words for them. */
function routeSettings(limits: Readonly<Partial<Record<string, RouteLimit>>>) {
  return Object.fromEntries(
    inStack(endpoints).flatMap((endpoint) => {
      const limit = limits[endpoint.name];
      if (!limit) return [];
      const { requestsPerSecond, burst } = limit;
      const settings = { ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst };
      return routesOf(endpoint).map(({ method, path }) => [`${method} ${path}`, settings]);
    }),
  );
}
