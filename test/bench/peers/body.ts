import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** The body as text, as the providers' packages take it. */
export const bodyText = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
