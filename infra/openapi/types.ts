export type JsonObject = { readonly [name: string]: unknown };

/** What an operation is told by, in the terms of OpenAPI 3.1. */
export interface Operation {
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly JsonObject[];
  readonly parameters?: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  /** By HTTP status. */
  readonly responses: Readonly<Record<string, JsonObject>>;
}

/** By the names of `infra/endpoints.ts`. */
export type Operations = Readonly<Record<string, Operation>>;
