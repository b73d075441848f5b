import type { Figure, Findings, Table } from '../figure.ts';
import { measureSizes, operations, type SizeFindings } from './sizes.ts';
import { compareTenants, type TenantComparison } from './tenants.ts';

/** Requests, units and latency from 100 to a million orders, and of one tenant against many. */
export async function measure(): Promise<Findings> {
  const tenants = await compareTenants();
  const sizes = await measureSizes();
  const largest = sizes.at(-1);
  return {
    figures: [...(largest ? sizeFigures(largest) : []), ...tenantFigures(tenants)],
    tables: [sizeTable(sizes), loadTable(tenants)],
  };
}

const countOf = (orders: number): string => orders.toLocaleString('en');

function sizeFigures({ orders, ofOperation }: SizeFindings): Figure[] {
  const { settlement } = ofOperation;
  const subject = `settlement with ${countOf(orders)} orders in the table`;
  const figure = { part: 'scale', subject, against: null, spread: null } as const;
  return [
    {
      ...figure,
      against: 'with 100',
      value: settlement.ratio.median,
      spread: [settlement.ratio.low, settlement.ratio.high],
      unit: '×',
      goal: null,
    },
    { ...figure, value: settlement.requests, unit: 'requests', goal: { bound: 'exactly', limit: 1 } },
    { ...figure, value: settlement.writeUnits, unit: 'write units', goal: { bound: 'exactly', limit: 8 } },
    { ...figure, value: settlement.items, unit: 'items', goal: { bound: 'exactly', limit: 2 } },
  ];
}

const tenantFigures = ({ throughput, requestsOfOne, requestsOfMany }: TenantComparison): Figure[] => [
  {
    part: 'scale',
    subject: 'settlements a second of one tenant with all the traffic',
    against: 'as many tenants as payments',
    value: throughput.median,
    spread: [throughput.low, throughput.high],
    unit: '×',
    goal: null,
  },
  {
    part: 'scale',
    subject: 'requests of a payment more, where one tenant has all the traffic',
    against: null,
    value: requestsOfOne - requestsOfMany,
    spread: null,
    unit: 'requests',
    goal: { bound: 'exactly', limit: 0 },
  },
];

function sizeTable(sizes: readonly SizeFindings[]): Table {
  return {
    title: 'What an operation asks for as the table grows',
    note: 'Requests / write units / read units / items written, and the median time on the embedded engine with that in a table of 100 orders beside it in brackets. All orders are of one shop and one day, which is the worst for the indexes. The engine is SQLite and not DynamoDB: what counts is that nothing grows with the table. A page of the ledger reads all of 100 orders, and a full page from 1,000 on.',
    columns: ['orders', ...operations],
    rows: sizes.map(({ orders, ofOperation }) => [
      countOf(orders),
      ...operations.map((name) => {
        const { requests, writeUnits, readUnits, items, latency_ms, ratio } = ofOperation[name];
        const counts = `${requests} / ${writeUnits} / ${readUnits} / ${items}`;
        return `${counts}, ${latency_ms.median.toFixed(1)} ms (× ${ratio.median.toFixed(2)})`;
      }),
    ]),
  };
}

function loadTable({ loads }: TenantComparison): Table {
  return {
    title: 'Where the write units go when one tenant has all the traffic',
    note: 'A checkout paid through one provider, from its order to the message. A partition takes 1,000 write units a second; the last column is the rate at which all partitions of a row, evenly loaded, come to that.',
    columns: ['partitions of', 'partitions', 'units a payment', 'largest share', 'payments a second'],
    rows: loads.map(({ name, partitions, unitsPerPayment, largestShare, paymentsPerSecond }) => [
      name,
      partitions,
      unitsPerPayment.toFixed(2),
      `${(largestShare * 100).toFixed(1)} %`,
      name === 'table' ? 'no limit' : Math.floor(paymentsPerSecond),
    ]),
  };
}
