import { globSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { functions, inStack } from '../../../infra/endpoints.ts';
import type { Template } from '../../../infra/stacks/template.ts';
import { exceptionKinds, providers } from '../../../lib/orders/kinds.ts';
import { type MetricName, metrics } from '../../../lib/telemetry/metrics.ts';
import { chinaStage, testStage } from '../stack/stage.ts';
import { render, resourcesIn, theOnly } from '../stack/template-reader.ts';
import { synthesizeWithWebhooks } from '../stack/webhooks-template.ts';

/**
 * What CloudWatch takes for a dashboard (CloudWatch API reference, "Dashboard Body Structure and Syntax"). A metric is
 * a list: namespace, name, dimensions in pairs, and how it is drawn.
 */
const metricRow = z
  .tuple([z.string(), z.string()])
  .rest(z.union([z.string(), z.record(z.string(), z.unknown())]));
const widget = z.discriminatedUnion('type', [
  z.object({ ...placed(), type: z.literal('text'), properties: z.strictObject({ markdown: z.string() }) }),
  z.object({
    ...placed(),
    type: z.literal('alarm'),
    properties: z.strictObject({ title: z.string(), alarms: z.array(z.string()).min(1).max(100) }),
  }),
  z.object({
    ...placed(),
    type: z.literal('log'),
    properties: z.strictObject({
      title: z.string(),
      view: z.literal('table'),
      region: z.string(),
      query: z.string(),
    }),
  }),
  z.object({
    ...placed(),
    type: z.literal('metric'),
    properties: z.strictObject({
      title: z.string(),
      view: z.literal('timeSeries'),
      stacked: z.boolean().optional(),
      region: z.string(),
      metrics: z.array(metricRow).min(1).max(500),
      yAxis: z.object({}),
    }),
  }),
]);
const body = z.strictObject({ start: z.string(), widgets: z.array(widget).max(500) });

function placed() {
  const columns = z.int().min(0).max(24);
  return { x: columns, y: z.int().min(0), width: columns.min(1), height: z.int().min(1).max(1_000) };
}

type Widget = z.infer<typeof widget>;
const isHeading = ({ type }: Widget) => type === 'text';

interface Shown {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

function metricsOf(widgets: readonly Widget[]): Shown[] {
  return widgets.flatMap((each) =>
    each.type === 'metric'
      ? each.properties.metrics.map(([namespace, name, ...rest]) => {
          const words = rest.filter((word): word is string => typeof word === 'string');
          const pairs = words.flatMap((word, index) =>
            index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [],
          );
          return { namespace, name, dimensions: Object.fromEntries(pairs) };
        })
      : [],
  );
}

/** The widgets of a stack's one dashboard. */
function dashboardOf(template: Template, name: string): Widget[] {
  const { Properties } = theOnly(resourcesIn(template, 'AWS::CloudWatch::Dashboard'), 'dashboard');
  const { DashboardName, DashboardBody } = Properties;
  expect(DashboardName).toBe(name);
  return body.parse(JSON.parse(render(DashboardBody))).widgets;
}

describe.each([testStage, chinaStage])('the dashboards of $name', (stage) => {
  let widgets: Widget[];
  let ofWebhooks: Widget[];

  beforeAll(() => {
    const { service, webhooks } = synthesizeWithWebhooks(stage);
    widgets = dashboardOf(service, `settle-${stage.name}`);
    ofWebhooks = dashboardOf(webhooks, `settle-${stage.name}-webhooks`);
  });

  it('have each widget in a place of its own', () => {
    for (const dashboard of [widgets, ofWebhooks]) {
      const cells = dashboard.flatMap(({ x, y, width, height }) => {
        expect(x + width).toBeLessThanOrEqual(24);
        return Array.from(
          { length: width * height },
          (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`,
        );
      });
      expect(new Set(cells).size).toBe(cells.length);
    }
  });

  it('begin with the alarms', () => {
    const first = (dashboard: Widget[]) => dashboard.toSorted((a, b) => a.y - b.y || a.x - b.x)[0];
    expect([widgets, ofWebhooks].map((each) => first(each)?.type)).toEqual(['alarm', 'alarm']);
  });

  it('show the business, then the machinery', () => {
    const [, ...rest] = widgets.toSorted((a, b) => a.y - b.y || a.x - b.x);
    const [business = -1, machinery = -1] = rest.flatMap((each, index) => (isHeading(each) ? [index] : []));
    expect(business).toBe(0);
    const namespaces = (part: Widget[]) => [...new Set(metricsOf(part).map(({ namespace }) => namespace))];
    expect(namespaces(rest.slice(business, machinery))).toEqual(['Settle']);
    expect(namespaces(rest.slice(machinery)).toSorted()).toEqual([
      'AWS/ApiGateway',
      'AWS/DynamoDB',
      'AWS/Lambda',
      'AWS/SQS',
    ]);
  });

  it('show every metric that the code counts, as it is counted and of this stage alone', () => {
    const ours = metricsOf([...widgets, ...ofWebhooks]).filter(({ namespace }) => namespace === 'Settle');
    for (const { name, dimensions } of ours) {
      const { stage: shown, ...others } = dimensions;
      expect([name, shown]).toEqual([name, stage.name]);
      const sets = metrics[name as MetricName].dimensions.map((set) => set.toSorted().join());
      expect(sets).toContain(Object.keys(others).toSorted().join());
    }
    expect([...new Set(ours.map(({ name }) => name))].toSorted()).toEqual(Object.keys(metrics).toSorted());
  });

  it('show each kind of exception at each provider', () => {
    const shown = metricsOf(widgets)
      .filter(({ name, dimensions }) => name === 'Exception' && 'outcome' in dimensions)
      .map(({ dimensions }) => `${dimensions['provider']} ${dimensions['outcome']}`);
    expect(shown.toSorted()).toEqual(
      providers.flatMap((provider) => exceptionKinds.map((kind) => `${provider} ${kind}`)).toSorted(),
    );
  });

  it('show every function', () => {
    // What serves the console has a stack without a dashboard.
    const shownFunctions = [...inStack(functions), ...inStack(functions, 'webhooks')];
    for (const name of ['Errors', 'Throttles', 'Duration', 'ConcurrentExecutions']) {
      const shown = metricsOf([...widgets, ...ofWebhooks]).filter(
        (metric) => metric.namespace === 'AWS/Lambda' && metric.name === name,
      );
      expect(new Set(shown.map(({ dimensions }) => dimensions['FunctionName'])).size).toBe(
        shownFunctions.length,
      );
    }
  });

  it('ask the logs of all functions for what went wrong', () => {
    const logsAsked = (dashboard: Widget[]) => {
      const queries = dashboard.flatMap((each) => (each.type === 'log' ? [each.properties.query] : []));
      return theOnly(queries, 'query').match(/SOURCE '[^']+'/g)?.length;
    };
    expect(logsAsked(widgets)).toBe(inStack(functions).length);
    expect(logsAsked(ofWebhooks)).toBe(inStack(functions, 'webhooks').length);
  });
});

describe('the table of metrics', () => {
  const code = globSync(['lib/**/*.ts', 'functions/*.ts']).filter((path) => !path.endsWith('/metrics.ts'));
  const source = code.map((path) => readFileSync(path, 'utf8')).join('\n');

  it.each(Object.keys(metrics))('%s is counted somewhere', (name) => {
    expect(source).toMatch(new RegExp(`\\b${name}: `));
  });
});
