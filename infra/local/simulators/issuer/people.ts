/** Who can sign in at the simulated issuer, and what their tokens say of them. */
export const people = {
  admin: { name: 'Admin of the stage', claims: { role: 'admin' } },
  viewer: { name: 'Viewer of the stage', claims: { role: 'viewer' } },
  'tenant-7-admin': { name: 'Admin of tenant 7', claims: { role: 'admin', tenant_id: 7 } },
} as const satisfies Readonly<
  Record<string, { readonly name: string; readonly claims: Readonly<Record<string, string | number>> }>
>;

export type Person = keyof typeof people;

export const isPerson = (name: string): name is Person => Object.hasOwn(people, name);
