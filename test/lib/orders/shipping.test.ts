import { describe, expect, it } from 'vitest';
import { isSameShipment, maskContact, type Shipment } from '../../../lib/orders/shipping.ts';

describe('a contact', () => {
  it.each([
    ['13812341234', '138****1234'],
    ['021-12341234', '021-****1234'],
    ['0755-12341234', '075*-****1234'],
    ['+8613812341234', '+86*******1234'],
    ['138-1234-1234', '138-****-1234'],
    ['12341234', '****1234'],
    ['1234-1234', '****-1234'],
    ['9991234', '***1234'],
    ['1234', '1234'],
    ['0**2-***1234', '0***-***1234'],
    ['****123-8008', '*******-8008'],
  ])('%s is kept as %s', (given, kept) => {
    expect(maskContact(given)).toBe(kept);
  });

  it.each(['138****1234', '021-****1234', '****1234', '0***-***1234'])(
    'that is masked already stays as it is: %s',
    (masked) => {
      expect(maskContact(masked)).toBe(masked);
    },
  );
});

describe('what was sent', () => {
  const parcel = { express_company: 'SF', tracking_no: 'SF1', contact: null };
  const shipment: Shipment = { logistics_type: 'courier', items: '苹果', parcels: [parcel] };

  it('is the same whatever stands beside it, and in whatever order its fields are stored', () => {
    const { parcels, ...rest } = shipment;
    const stored = { told: 1, parcels: parcels.map(({ contact, ...one }) => ({ contact, ...one })), ...rest };
    expect(isSameShipment(shipment, stored)).toBe(true);
  });

  it.each<[string, Partial<Shipment>]>([
    ['way', { logistics_type: 'city' }],
    ['items', { items: '梨' }],
    ['number', { parcels: [{ ...parcel, tracking_no: 'SF2' }] }],
    ['company', { parcels: [{ ...parcel, express_company: 'ZTO' }] }],
    ['contact', { parcels: [{ ...parcel, contact: '****1234' }] }],
    ['count', { parcels: [parcel, parcel] }],
    ['parcels', { parcels: [] }],
  ])('is another with another %s', (_, change) => {
    expect(isSameShipment(shipment, { ...shipment, ...change })).toBe(false);
  });
});
