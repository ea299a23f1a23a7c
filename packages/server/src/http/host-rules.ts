/**
 * Which names and pages may talk to this server.
 *
 * Host: a page of a foreign site can point its own name at 127.0.0.1 (DNS rebinding) but cannot make the browser send
 * another Host. So a request must name a loopback address, the address that is listened on, or a name that was allowed.
 * The port is not looked at here: an ssh forward has another one.
 *
 * Origin: a page on another port of the same machine is a foreign page. So a write must come from the very host and port
 * that it goes to, or from one that was allowed as `name:port`.
 */
import { isIP } from 'node:net'

export type HostRules = {
  names: ReadonlySet<string>
  /** Exact `name:port` that may stand in Origin. */
  origins: ReadonlySet<string>
  /** Listening on every address: any address may be named, because a rebinding attack needs a name. */
  anyAddress: boolean
}

const wildcards: readonly string[] = ['0.0.0.0', '::']

export function makeHostRules({ host, allowHosts }: { host: string; allowHosts: readonly string[] }): HostRules {
  const allowed = allowHosts.map((entry) => splitHost(entry)?.name).filter((name) => name !== undefined)
  return {
    names: new Set(['localhost', '::1', host.toLowerCase(), ...allowed]),
    origins: new Set(
      allowHosts.filter((entry) => splitHost(entry)?.port !== undefined).map((entry) => entry.toLowerCase()),
    ),
    anyAddress: wildcards.includes(host),
  }
}

/** True when the Host header names this server. */
export function isHostAllowed(rules: HostRules, header: string | undefined): boolean {
  const name = splitHost(header ?? '')?.name
  if (name === undefined) return false
  return rules.names.has(name) || isLoopback(name) || (rules.anyAddress && isIP(name) !== 0)
}

/** True for an address that only this machine reaches. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

export type WriteSource = {
  host: string | undefined
  origin: string | undefined
  /** The browser's own word on where a request comes from. */
  fetchSite: string | undefined
  /** Known by its cookie, which browsers send along on their own. */
  byCookie: boolean
}

/** Why a write or an upgrade is refused for where it comes from; undefined when it may pass. */
export function findForeignSource(
  rules: HostRules,
  { host, origin, fetchSite, byCookie }: WriteSource,
): string | undefined {
  if (fetchSite === 'cross-site' || fetchSite === 'same-site')
    return `The request comes from another site (${fetchSite}).`
  if (origin !== undefined)
    return isOwnOrigin(rules, host, origin) ? undefined : `The request comes from the page ${origin.slice(0, 256)}.`
  if (byCookie && fetchSite === undefined)
    return 'A change with a cookie must say by Origin or Sec-Fetch-Site where it comes from.'
  return undefined
}

function isOwnOrigin(rules: HostRules, host: string | undefined, origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false
  return url.host === normaliseHost(host, url.protocol) || rules.origins.has(url.host)
}

/** The Host header as `URL.host` writes it: lower case, without the default port. */
function normaliseHost(host: string | undefined, protocol: string): string | undefined {
  const text = `${protocol}//${host ?? ''}`
  return URL.canParse(text) ? new URL(text).host : undefined
}

function splitHost(text: string): { name: string; port: string | undefined } | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text)
  const name = match?.[1] ?? match?.[2]
  return name === undefined ? undefined : { name: name.toLowerCase().replace(/\.$/, ''), port: match?.[3] }
}
