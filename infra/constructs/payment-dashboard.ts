import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { businessGraphs } from '../monitoring/business-graphs.ts';
import { heading, WIDTH } from '../monitoring/dashboard-widgets.ts';
import { machineryGraphs } from '../monitoring/machinery-graphs.ts';
import type { MonitoredStage } from '../monitoring/monitored.ts';

export interface PaymentDashboardProps {
  readonly monitored: MonitoredStage;
  readonly alarms: readonly IAlarm[];
}

/** A stage on one page: the business above, the machinery that carries it below. */
export class PaymentDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { monitored, alarms }: PaymentDashboardProps) {
    const { stage } = monitored;
    super(scope, id, {
      dashboardName: `settle-${stage}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new AlarmStatusWidget({ title: `Settle ${stage}`, alarms: [...alarms], width: WIDTH, height: 6 })],
        [heading('Business: what payers, providers and the shop notice')],
        ...businessGraphs(monitored),
        [heading('Machinery: what it runs on')],
        ...machineryGraphs(monitored),
      ],
    });
  }
}
