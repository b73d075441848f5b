import { type PaidTo, payees } from '../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { UsageError } from '../../command/command.ts';
import type { DocumentName } from '../../endpoints.ts';
import type { Arguments } from './arguments.ts';
import { documentFileNames } from './document-file.ts';
import type { Prompts } from './prompts.ts';

const labels: Readonly<Record<DocumentName, string>> = {
  auth: 'auth: your login',
  wechat: 'wechat: WeChat Pay',
  alipay: 'alipay: Alipay',
  stripe: 'stripe: Stripe',
  wecom: 'wecom: a group robot that tells people of payments',
  webhooks: 'webhooks: an address that is told of each event',
};

/**
 * Which documents a call is about: those that it names, else what there is, in the folder or stored, and what the
 * person says there is besides.
 * @param all those that it may be about
 */
export async function chooseNames(
  { only, folder, tenant_id, stage }: Pick<Arguments, 'only' | 'folder' | 'tenant_id' | 'stage'>,
  prompts: Prompts,
  all: readonly DocumentName[],
  isThere: (name: DocumentName) => boolean,
): Promise<readonly DocumentName[]> {
  if (only.length > 0) return only;
  const isNeeded = (name: DocumentName) => name === 'auth' || isThere(name);
  if (folder !== null) {
    const files = documentFileNames(folder);
    return all.filter((name) => isNeeded(name) || files.includes(name));
  }
  // Nobody is told of events by a stage without the stack.
  const isOffered = (name: DocumentName) => name !== 'webhooks' || stage.webhooks === true;
  const open = all.filter((name) => !isNeeded(name) && isOffered(name));
  if (!prompts.isInteractive || open.length === 0) return all.filter(isNeeded);
  const stored = all.filter(isThere);
  const question = [
    tenant_id === null ? 'Which of these does the stage have?' : `Which has tenant ${tenant_id} of its own?`,
    ...(stored.length > 0 ? [`(${stored.join(', ')} it has already; --drop does without)`] : []),
  ].join('\n');
  const chosen = await prompts.chooseSome(
    question,
    open.map((name) => ({ value: name, hint: labels[name] })),
  );
  return all.filter((name) => isNeeded(name) || chosen.includes(name));
}

const payeeHints: Readonly<Record<PaidTo, string>> = {
  own: 'own: merchants of its own, and nobody where it has none',
  stage: "stage: the stage's merchants. To collect for others takes a licence",
};

/** Whom a tenant is paid to. @throws UsageError where it is not said and nobody can be asked */
export async function choosePaidTo(
  { paidTo, only, tenant_id }: Pick<Arguments, 'paidTo' | 'only' | 'tenant_id'>,
  prompts: Prompts,
  registered: Registration | null,
): Promise<PaidTo> {
  if (paidTo) return paidTo;
  if (registered && (only.length > 0 || !prompts.isInteractive)) return registered.paid_to;
  if (!prompts.isInteractive) throw new UsageError('--paid-to is needed for a tenant that is not registered');
  const first = registered?.paid_to ?? 'own';
  const choices = payees
    .toSorted((one, other) => Number(other === first) - Number(one === first))
    .map((value) => ({ value, hint: payeeHints[value] }));
  const chosen = await prompts.choose(`Whom is tenant ${tenant_id} paid to?`, choices);
  return chosen === 'own' ? 'own' : 'stage';
}
