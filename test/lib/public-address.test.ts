import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, isPublicAddress } from '../../lib/public-address.ts';

describe('an address of the public internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '104.16.132.229', '2606:4700::1111', '2001:4860:4860::8888'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['unspecified, which Linux connects to itself', '0.0.0.0'],
    ['unspecified', '::'],
    ['of this network', '0.1.2.3'],
    ['link-local', '169.254.1.1'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ["EC2's metadata", '169.254.169.254'],
    ["ECS's metadata", '169.254.170.2'],
    ["EC2's metadata by IPv6", 'fd00:ec2::254'],
    ["Alibaba Cloud's metadata, of carriers' NAT", '100.100.100.200'],
    ['unique local', 'fc00::1'],
    ['site-local', 'fec0::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped metadata, in hex', '::ffff:a9fe:a9fe'],
    ['mapped private', '::ffff:10.0.0.1'],
    ['mapped public', '::ffff:8.8.8.8'],
    ['compatible loopback (RFC 4291, 2.5.5.1)', '::7f00:1'],
    ['NAT64 of a private one', '64:ff9b::10.0.0.1'],
    ['NAT64 of metadata', '64:ff9b::a9fe:a9fe'],
    ['NAT64 for local use', '64:ff9b:1::a00:1'],
    ['6to4 of a private one', '2002:a00:1::'],
    ['6to4 of loopback', '2002:7f00:1::1'],
    ['Teredo', '2001:0:53aa:64c:0:0:80ff:fffe'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.7'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['benchmarking', '198.18.0.1'],
    ['IETF protocols', '192.0.0.170'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['of no allocation', '4000::1'],
    ['discarded', '100::1'],
    ['segment routing', '5f00::1'],
    ['no address', 'example.com'],
    ['empty', ''],
  ])('is none that is %s: %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['8.8.8.8', false],
  ['localhost', false],
])('knows the loopback: %s', (address, isLoopback) => {
  expect(isLoopbackAddress(address)).toBe(isLoopback);
});
