import { callbackOutput, endpoints } from '../../endpoints.ts';
import type { DeployedStack } from '../stack.ts';
import { fault, ok, type Result, warning } from './check.ts';

/** Whether the stack stands, and whether its outputs lead to one address. */
export function checkStack({ name, status, outputs }: DeployedStack): Result[] {
  return [checkStatus('stack', { name, status }), checkOutputs(name, outputs)];
}

/** Whether what was deployed last stands. */
export function checkStatus(check: string, { name, status }: Pick<DeployedStack, 'name' | 'status'>): Result {
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return ok(check, `${name} is ${status}`);
  if (status.endsWith('_IN_PROGRESS'))
    return warning(check, `${name} is ${status}. Look again when it is done`);
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return warning(check, `${name} is ${status}: what was deployed last did not hold. Look at its events`);
  }
  return fault(check, `${name} is ${status}. Look at its events, and deploy again`);
}

function checkOutputs(name: string, outputs: DeployedStack['outputs']): Result {
  const check = 'outputs';
  const { ApiUrl = '', TableName = '', QueueUrl = '' } = outputs;
  const callbacks = endpoints
    .filter(({ callback }) => callback)
    .map((endpoint) => ({ output: callbackOutput(endpoint), path: endpoint.path }));
  const missing = [
    ...(ApiUrl === '' ? ['ApiUrl'] : []),
    ...(TableName === '' ? ['TableName'] : []),
    ...(QueueUrl === '' ? ['QueueUrl'] : []),
    ...callbacks.map(({ output }) => output).filter((output) => !outputs[output]),
  ];
  if (missing.length > 0) return fault(check, `${name} does not tell ${missing.join(', ')}. Deploy again`);
  const elsewhere = callbacks.filter(({ output, path }) => outputs[output] !== ApiUrl + path);
  if (elsewhere.length === 0) return ok(check, `all callbacks lead to ${ApiUrl}`);
  const names = elsewhere.map(({ output }) => output).join(', ');
  return fault(
    check,
    `${names} lead elsewhere than to ${ApiUrl}. Deploy again, then enter them at the providers`,
  );
}
