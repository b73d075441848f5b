import { isLoopback } from '../../../../lib/config/document.ts';
import type { WecomConfig } from '../../../../lib/config/wecom.ts';
import { type Finding, warning } from './finding.ts';

/** developer.work.weixin.qq.com/document/path/91770 */
const ROBOT_HOST = 'qyapi.weixin.qq.com';
const ROBOT_PATH = '/cgi-bin/webhook/send';

export function inspectWecom({ webhookUrl }: WecomConfig): Finding[] {
  const { host, pathname } = webhookUrl;
  if (isLoopback(webhookUrl.href) || (host === ROBOT_HOST && pathname === ROBOT_PATH)) return [];
  return [warning('webhook_url', `is not a robot's: https://${ROBOT_HOST}${ROBOT_PATH}?key=…`)];
}
