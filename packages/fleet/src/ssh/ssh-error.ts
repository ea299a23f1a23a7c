/** What went wrong between here and a machine reached by ssh, told from what the ssh client says. */

export const sshFaultKinds = [
  'missing', // there is no ssh client here
  'usage', // the name of the host, or the user's configuration, cannot be used
  'name', // the name has no address
  'route', // no way to the address, or no answer from it
  'refused', // nobody listens there
  'hostKey', // the machine's key is unknown, or another one than before
  'authentication', // the machine does not let us in
  'person', // a connection that somebody made by hand has ended, and they have to make it again
  'sessions', // it takes no further session on the connection
  'shell', // we are in, but no POSIX shell answers
  'closed', // the connection broke
  'slow', // it did not answer within its time
  'other',
] as const
export type SshFaultKind = (typeof sshFaultKinds)[number]

/** Thrown when something on the way to a machine fails; the message says what and why, `hint` what to do next. */
export class SshError extends Error {
  override readonly name = 'SshError'
  readonly kind: SshFaultKind
  readonly hint: string

  constructor(kind: SshFaultKind, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.hint = hint
  }
}

type Explanation = {
  kind: SshFaultKind
  pattern: RegExp
  what: (host: string) => string
  hint: (host: string) => string
}

const explanations: readonly Explanation[] = [
  {
    kind: 'hostKey',
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/,
    what: (host) => `The host key of ${host} is not the one in your known_hosts.`,
    hint: () =>
      'It was set up anew, or somebody stands in between. Ask who runs it; if the new key is right, remove the old one with ssh-keygen -R.',
  },
  {
    kind: 'hostKey',
    pattern: /Host key verification failed|No \S+ host key is known/,
    what: (host) => `The host key of ${host} is not in your known_hosts.`,
    hint: (host) => `Run «ssh ${host}» once, compare the fingerprint that it shows, and accept it.`,
  },
  {
    kind: 'authentication',
    pattern: /Permission denied|Too many authentication failures|no more authentication methods/i,
    what: (host) => `${host} does not let you in.`,
    hint: (host) =>
      `See that «ssh ${host} true» works without asking: the right user, a key in the agent (ssh-add -l).`,
  },
  {
    kind: 'name',
    pattern: /Could not resolve hostname|Name or service not known|nodename nor servname/,
    what: (host) => `The name ${host} has no address.`,
    hint: () => 'Check its spelling and your ~/.ssh/config; a VPN may be needed.',
  },
  {
    kind: 'refused',
    pattern: /Connection refused/,
    what: (host) => `${host} is there, but no ssh server answers on that port.`,
    hint: () => 'Check the port in your ~/.ssh/config, and that sshd runs there.',
  },
  {
    kind: 'route',
    pattern: /No route to host|Network is (unreachable|down)|timed out|Host is down/,
    what: (host) => `${host} cannot be reached.`,
    hint: () => 'Check that the machine runs and that this network leads to it (VPN, ProxyJump).',
  },
  {
    kind: 'usage',
    pattern:
      /Bad configuration option|terminating, \d+ bad configuration|Can't open user config file|hostname contains invalid characters/,
    what: (host) => `The ssh client cannot use its configuration for ${host}.`,
    hint: (host) => `Correct the line that it names; «ssh -G ${host}» shows what it reads.`,
  },
  {
    kind: 'sessions',
    pattern: /Session open refused|session request failed|open failed.*administratively/i,
    what: (host) => `${host} takes no further session on an open connection.`,
    hint: () => 'Raise MaxSessions in its sshd_config to 2 or more.',
  },
  {
    kind: 'closed',
    pattern: /Connection (to .* )?(closed|reset)|Broken pipe|not responding|kex_exchange_identification|disconnect/i,
    what: (host) => `The connection to ${host} broke.`,
    hint: () => 'It is tried again. If it goes on, look at the log of sshd there.',
  },
]

/** Finds words for what the ssh client wrote to its standard error. */
export function explainSshFailure(host: string, stderr: string): SshError {
  const found = explanations.find(({ pattern }) => pattern.test(stderr))
  const said = lastLine(stderr)
  const because = said === '' ? '' : ` ssh says: ${said}`
  if (found) return new SshError(found.kind, `${found.what(host)}${because}`, found.hint(host))
  return new SshError('other', `The connection to ${host} failed.${because}`, `See what «ssh -v ${host} true» says.`)
}

/** Why the ssh client could not be started. */
export function explainMissing(cause: unknown): SshError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new SshError(
    'missing',
    `The ssh client cannot be started: ${why}.`,
    'Install OpenSSH (Debian: openssh-client).',
    {
      cause,
    },
  )
}

/**
 * A host that looks like an option would be one.
 * @throws SshError `usage`.
 */
export function refuseHost(host: string): void {
  if (/^[^\s\p{C}-][^\s\p{C}]*$/u.test(host)) return
  throw new SshError(
    'usage',
    `«${host}» is no name of a host.`,
    'Give it as behind ssh: a name of ~/.ssh/config, or user@host.',
  )
}

/** The last line that is the client's own: banners come before it. */
function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replaceAll(/[^\P{C}\t]/gu, '')
      .trim()
      .slice(0, 300) ?? ''
  )
}
