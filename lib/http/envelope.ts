import { type HttpResult, jsonResult } from './http-result.ts';

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
