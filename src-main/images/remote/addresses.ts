/**
 * Which machines may be asked. The address is the person's own, so it may name a machine of their own network or this one; but
 * a server out there must not send us to one by a redirect, and nobody is sent to the link-local addresses, where clouds hand
 * out credentials. Checked on the numbers that a connection is really made to, so that a name cannot change in between.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

const inside = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  inside.addSubnet(net, bits, 'ipv4');
}
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addAddress('::1', 'ipv6');
inside.addAddress('::', 'ipv6');

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** A network of this house, or this machine. */
export function isInside(address: string): boolean {
  return isIn(inside, address);
}

export class RefusedAddress extends Error {
  readonly code = 'GIGATILE_REFUSED';
}

/** Where connections of one image may go; the first one decides. */
export class AddressRule {
  /** null until the first connection. */
  #mayGoInside: boolean | null = null;

  /** For hosts that are numbers, which nobody looks up. @throws {RefusedAddress} */
  checkHost(hostname: string): void {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0) this.#check([host]);
  }

  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      try {
        this.#check(addresses.map(({ address }) => address));
      } catch (refused) {
        callback(refused as Error, '', 0);
        return;
      }
      const [first] = addresses;
      if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };

  #check(addresses: readonly string[]): void {
    const isInsideOne = addresses.some(isInside);
    this.#mayGoInside ??= isInsideOne;
    if (addresses.some((address) => isIn(linkLocal, address)) || (isInsideOne && !this.#mayGoInside)) {
      throw new RefusedAddress('an address that may not be asked');
    }
  }
}
