/** An answer as API Gateway takes it. */
export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const jsonResult = (statusCode: number, body: unknown): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

export const textResult = (statusCode: number, body: string): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

/** How a family of paths words its answers. */
export interface Envelope {
  success(statusCode: number, message: string, data: unknown): HttpResult;
  error(statusCode: number, message: string): HttpResult;
}

/** `/api/pay/*` */
export const payEnvelope: Envelope = {
  success: (statusCode, msg, data) => jsonResult(statusCode, { code: 0, msg, data }),
  error: (statusCode, msg) => jsonResult(statusCode, { code: statusCode, msg, data: null }),
};

/** `/v2/*`; its answer to a caller who is not authenticated carries no data. */
export const v2Envelope: Envelope = {
  success: (statusCode, message, data) => jsonResult(statusCode, { code: 0, message, data }),
  error: (statusCode, message) =>
    jsonResult(
      statusCode,
      statusCode === 401 ? { code: 401, message } : { code: statusCode, message, data: null },
    ),
};
