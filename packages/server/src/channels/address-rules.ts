/**
 * Where the server may send what people ask it to send. It stands inside a network that they may not reach themselves, so
 * addresses of this machine and of private networks take the word of whoever runs it, and link-local ones, where clouds
 * keep their credentials, are never spoken to. What is checked is the address that is connected to, not the name.
 */
import { lookup } from 'node:dns'
import { BlockList, type LookupFunction, isIP } from 'node:net'
import { PilothouseError } from '@pilothouse/contract'

/** IANA special-purpose registries (RFC 6890), without what is link-local. */
const privateRanges: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['ff00::', 8],
]
const linkLocalRanges: readonly (readonly [string, number])[] = [
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
]

const privateList = makeList(privateRanges)
const linkLocalList = makeList(linkLocalRanges)

/** Why nothing is sent to an IP address, in words; undefined when it may be. */
export function refuseAddress(address: string, allowPrivate: boolean): string | undefined {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (linkLocalList.check(address, family)) return `${address} is a link-local address, which nothing is sent to.`
  if (!allowPrivate && privateList.check(address, family)) {
    return `${address} is an address of this machine or of a private network. Whoever runs the server can allow those with --allow-private-channels.`
  }
  return undefined
}

/**
 * The look-up of a connection that refuses addresses as above. A name counts as refused when any of its addresses is.
 */
export function makeLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      const refusal = addresses.map(({ address }) => refuseAddress(address, allowPrivate)).find(Boolean)
      if (refusal !== undefined) return callback(new PilothouseError('forbidden', refusal), [])
      const [first] = addresses
      if (options.all === true || !first) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
}

/** Literal addresses are not looked up, so they are checked by themselves. */
export function refuseLiteral(hostname: string, allowPrivate: boolean): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(address) === 0 ? undefined : refuseAddress(address, allowPrivate)
}

function makeList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4')
  return list
}
