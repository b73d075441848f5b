/**
 * For the clients of an operator's commands: longer than a function waits, since an operator may be on another
 * continent, and no longer, since the SDK's own clients wait for as long as they are let.
 */
export const patience = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
