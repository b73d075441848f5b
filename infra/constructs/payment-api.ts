import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Endpoint } from '../endpoints.ts';

/** An HTTP API whose routes are added one by one; its functions get events of payload format 2.0. */
export class PaymentApi extends HttpApi {
  route({ name, method, path }: Endpoint, handler: IFunction): void {
    this.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(name, handler),
    });
  }
}
