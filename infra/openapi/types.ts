import type { ApiParts } from '../../lib/http/api.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** What an operation is told by, in the terms of OpenAPI 3.1. */
export interface Operation {
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description?: string;
  /** The least that a token must say of who asks; null of what a provider signs. */
  readonly role: ApiParts<unknown>['role'] | null;
  readonly parameters?: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  /** By HTTP status. */
  readonly responses: Readonly<Record<string, JsonObject>>;
}

/** By the names of `infra/endpoints.ts`. */
export type Operations = Readonly<Record<string, Operation>>;
