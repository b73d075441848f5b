import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { deleteTenant, putTenant } from '../../../lib/store/tenant-store.ts';
import { merchantName } from '../documents/held-merchant.ts';
import { deleteDocument, RECOVERY_DAYS, secretName, storeDocument } from '../documents/stored-document.ts';
import type { Step, StoredDocuments } from './plan.ts';

/** Where the changes are made. */
export interface Target {
  readonly stage: string;
  /** What documents are encrypted with; null for the account's own key. */
  readonly secretsKey: string | null;
  readonly secrets: SecretsManagerClient;
  /** Null where no step has to do with it. */
  readonly store: StoreContext | null;
  /** What was stored before. */
  readonly documents: StoredDocuments;
  readonly say: (line: string) => void;
}

/**
 * Makes the changes, each once the one before is made, and says so. What was made stays when a later one fails: the same
 * call again makes the others.
 * @throws Error of AWS
 */
export async function carryOut(steps: readonly Step[], target: Target): Promise<void> {
  for (const step of steps) {
    await make(step, target);
    target.say(describeStep(step, target.stage, 'done'));
  }
}

async function make(step: Step, { stage, secretsKey, secrets, store, documents }: Target): Promise<void> {
  switch (step.step) {
    case 'store':
    case 'keep': {
      const before = documents.get(step.name) ?? { state: 'absent' };
      return storeDocument(secrets, secretName(stage, step.name), step.document, before, secretsKey);
    }
    case 'delete':
      return deleteDocument(secrets, secretName(stage, step.name));
    case 'register':
      return putTenant(registerOf(store), step.registration);
    case 'unregister':
      return deleteTenant(registerOf(store), step.tenant_id);
  }
}

function registerOf(store: StoreContext | null): StoreContext {
  if (!store) throw new Error('the register of tenants is in the table, which is not known');
  return store;
}

const words = {
  ahead: { store: 'store', keep: 'keep', register: 'register', unregister: 'take out', delete: 'delete' },
  done: {
    store: 'stored',
    keep: 'kept',
    register: 'registered',
    unregister: 'taken out',
    delete: 'deleted',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Step['step'], string>>>>;

/** A line that says what a step is to do, or did. */
export function describeStep(step: Step, stage: string, when: keyof typeof words): string {
  return `${words[when][step.step].padEnd(8)} ${objectOf(step, stage)}`;
}

function objectOf(step: Step, stage: string): string {
  switch (step.step) {
    case 'store':
      return secretName(stage, step.name) + ofMerchant(step.name, step.document);
    case 'keep':
      return `${secretName(stage, step.name)}, the merchant until now`;
    case 'delete':
      return `${secretName(stage, step.name)}, which can be restored for ${RECOVERY_DAYS} days`;
    case 'register':
      return describeRegistration(step.registration);
    case 'unregister':
      return `tenant ${step.tenant_id} of the register`;
  }
}

function ofMerchant(name: string, document: Readonly<Record<string, unknown>>): string {
  const merchant = isOneOf(providers, name) ? merchantName(name, document) : null;
  return merchant === null ? '' : `, of merchant ${merchant}`;
}

/** Whom a tenant is paid to, and who was its own merchant before. */
function describeRegistration({ tenant_id, paid_to, merchants }: Registration): string {
  const own = (Object.entries(merchants) as [Provider, readonly string[]][]).map(
    ([provider, names]) => `${provider} ${names.join(', ')}`,
  );
  const payee = paid_to === 'own' ? 'merchants of its own' : "the stage's merchants";
  return `tenant ${tenant_id}, paid to ${payee}${own.length > 0 ? `; its own are or were ${own.join('; ')}` : ''}`;
}
