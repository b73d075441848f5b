import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { WIDTH } from '../monitoring/dashboard-widgets.ts';
import type { MonitoredWebhooks } from '../monitoring/monitored.ts';
import { webhookGraphs } from '../monitoring/webhook-graphs.ts';

export interface WebhooksDashboardProps {
  readonly monitored: MonitoredWebhooks;
  readonly alarms: readonly IAlarm[];
}

/** What a stage's shop is told, on a page of its own. */
export class WebhooksDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { monitored, alarms }: WebhooksDashboardProps) {
    const { stage } = monitored;
    const title = `Settle ${stage}: webhooks`;
    super(scope, id, {
      dashboardName: `settle-${stage}-webhooks`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new AlarmStatusWidget({ title, alarms: [...alarms], width: WIDTH, height: 3 })],
        ...webhookGraphs(monitored),
      ],
    });
  }
}
