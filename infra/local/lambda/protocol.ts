/** What a function's worker thread and its owner tell each other. Events and results go as JSON, as on Lambda. */

export interface WorkerData {
  readonly bundleUrl: string;
  readonly functionName: string;
}

export interface Invocation {
  readonly id: number;
  readonly requestId: string;
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly id: number; readonly result: string }
  | { readonly type: 'error'; readonly id: number };
