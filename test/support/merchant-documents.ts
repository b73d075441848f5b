import { DocumentError } from '../../lib/config/document.ts';
import type { DocumentSource } from '../../lib/config/documents.ts';
import { systemIo } from '../../lib/io.ts';
import type { MerchantParts } from '../../lib/merchants/merchant-documents.ts';
import {
  createTenantRegister,
  type Registration,
  type TenantRegister,
} from '../../lib/merchants/tenant-register.ts';
import { NOW } from './orders.ts';

/** No tenant is registered. */
export const emptyRegister: TenantRegister = {
  find: async () => null,
  findByMerchant: async () => null,
  all: async () => [],
};

type Stored = Readonly<Record<string, unknown>>;

/**
 * The documents and the register of a stage, with a clock: all of it can be changed, as `setup` does. `reads` are the
 * names of documents that were asked for, one each time; what is in `failing` cannot be read.
 */
export function createDocumentStage(documents: Stored, registrations: readonly Registration[] = []) {
  const clock = { now: NOW };
  const stored = new Map(Object.entries(documents));
  const registered = new Map(registrations.map((registration) => [registration.tenant_id, registration]));
  const reads: string[] = [];
  const failures: string[] = [];
  const failing = new Set<string>();
  const register = { reads: 0 };

  const unlessFailing = (name: string): void => {
    if (failing.has(name)) throw new Error(`${name} cannot be read`);
  };
  const source: DocumentSource = {
    async read(name) {
      reads.push(name);
      unlessFailing(name);
      const document = stored.get(name);
      return document === undefined ? null : JSON.stringify(document);
    },
    onFailure: (name, error) => {
      const reason = error instanceof DocumentError ? error.message : 'cannot be read';
      failures.push(`${name}: ${reason}`);
    },
  };
  const readRegister = async () => {
    register.reads += 1;
    unlessFailing('register');
    return [...registered.values()];
  };
  const now = () => clock.now;
  const parts = (): MerchantParts => ({
    documents: source,
    register: createTenantRegister(readRegister, now, (error) => source.onFailure('register', error)),
    io: { ...systemIo, now },
    publicUrl: 'https://pay.example',
    orderPrefix: '',
  });
  return {
    clock,
    /** Of an execution environment that starts now. */
    parts,
    reads,
    failures,
    failing,
    register,
    put: (name: string, document: unknown): void => {
      stored.set(name, document);
    },
    remove: (name: string): void => {
      stored.delete(name);
    },
    enrol: (registration: Registration): void => {
      registered.set(registration.tenant_id, registration);
    },
  };
}

export type DocumentStage = ReturnType<typeof createDocumentStage>;
