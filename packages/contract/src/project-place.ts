/** Where the source code of a project lies: what somebody writes into the one field for it, read without asking anybody. */
import { limits } from './limits.ts'

export const projectKinds = ['folder', 'git'] as const
export type ProjectKind = (typeof projectKinds)[number]

export type GitScheme = 'https' | 'ssh' | 'file'
export type ProjectPlace =
  | { kind: 'folder'; place: string; name: string }
  | { kind: 'git'; place: string; name: string; scheme: GitScheme }
/** What is wrong with it, and what to write instead. */
export type PlaceFault = { message: string; expected: string }

const expected = '/home/me/project, https://host/path, ssh://user@host/path, user@host:path or file:///path'

/**
 * Reads a folder (`/home/me/vision`, `~/vision`) or the address of a git repository. Addresses are taken in the forms that
 * cannot run anything: no `ext::…`, nothing that git would read as an option, and none with a password in it.
 */
export function readProjectPlace(text: string): ProjectPlace | PlaceFault {
  const place = text.trim()
  if (place === '') return fault('It is empty.')
  if (place.length > limits.uriLengthMax) return fault(`It is longer than ${limits.uriLengthMax} characters.`)
  if (/\p{Cc}/u.test(place)) return fault('There are control characters in it.')
  if (place.startsWith('-')) return fault('It begins with «-», so git would read it as an option.')
  if (/^[\w+.-]+::/.test(place)) return fault('«…::» names a helper program for git to run, which is not done here.')
  if (/^[\w+.-]+:\/\//.test(place)) return readUrl(place)
  const scp = /^(?<user>[^@/:\s]+)@(?<host>[^@/:\s]+):(?<path>\S+)$/.exec(place)?.groups
  if (scp) return readSsh(place, { user: scp['user'] ?? '', host: scp['host'] ?? '', path: scp['path'] ?? '' })
  return readFolder(place)
}

function readUrl(place: string): ProjectPlace | PlaceFault {
  if (/\s/.test(place)) return fault('There are spaces in it.')
  if (!URL.canParse(place)) return fault('It is no address.')
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(place)
  if (password !== '' || (protocol === 'https:' && username !== ''))
    return fault('There is a password or a token in it, which everybody who sees the project would read.')
  if (search !== '' || hash !== '') return fault('«?» and «#» are no part of the address of a repository.')
  const path = decode(pathname)
  if (path === undefined || path.replaceAll('/', '') === '') return fault('It names no repository behind the host.')
  switch (protocol) {
    case 'https:':
      return { kind: 'git', place, scheme: 'https', name: nameOf(path) }
    case 'ssh:':
      return readSsh(place, { user: decode(username) ?? '-', host: hostname, path: path.slice(1) })
    case 'file:':
      return hostname === ''
        ? { kind: 'git', place, scheme: 'file', name: nameOf(path) }
        : fault('A file:// address has no host: it begins with three slashes.')
    case 'http:':
    case 'git:':
      return fault(`Nothing protects what comes by ${protocol}//: somebody on the way could change the code.`)
    default:
      return fault(`${protocol}// is not taken.`)
  }
}

/** Host and user become arguments of ssh. */
function readSsh(
  place: string,
  { user, host, path }: { user: string; host: string; path: string },
): ProjectPlace | PlaceFault {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$|^\[[0-9a-f:.]+\]$/i.test(host)) return fault('The host is no name of a machine.')
  if (!/^$|^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(user)) return fault('The user is no name of a user.')
  if (path.startsWith('-')) return fault('The path begins with «-», so git would read it as an option.')
  return { kind: 'git', place, scheme: 'ssh', name: nameOf(path) }
}

function readFolder(place: string): ProjectPlace | PlaceFault {
  if (!/^(\/|~(\/|$))/.test(place)) return fault('A folder is named from the root on, or from ~/ on.')
  return { kind: 'folder', place, name: nameOf(place) }
}

/** The last part of a path, as people call a repository. */
function nameOf(path: string): string {
  const last = path.replace(/\/+$/, '').split(/[/:]/).at(-1) ?? ''
  return (last.replace(/\.git$/, '') || 'project').slice(0, limits.nameLengthMax)
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text)
    return /\p{Cc}/u.test(decoded) ? undefined : decoded
  } catch {
    return undefined // a «%» that begins nothing
  }
}

function fault(message: string): PlaceFault {
  return { message, expected }
}
