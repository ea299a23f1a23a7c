/** What went wrong with a repository, told from what git says. */

export const gitFaultKinds = [
  'missing', // there is no git here
  'gone', // the folder is not there
  'outside', // its work tree or its repository lies where nobody may read
  'owner', // the repository belongs to another user
  'bare', // a repository without a work tree
  'broken', // git cannot read it
  'name', // the name of the host has no address
  'route', // no way to the host, or it refuses
  'hostKey', // the key of the host is not known
  'access', // the host lets nobody in, or asks for a password
  'noRepository', // nothing there, or nothing that one may see
  'slow', // it took longer than it may
  'size', // it is larger than it may be
  'room', // the disk has no room
  'stopped', // we were asked to end it
  'other',
] as const
export type GitFaultKind = (typeof gitFaultKinds)[number]

/** Thrown when git cannot do what was asked; the message says what and why, `hint` what to do next. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly kind: GitFaultKind
  readonly hint: string

  constructor(kind: GitFaultKind, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.hint = hint
  }
}

type Explanation = { kind: GitFaultKind; pattern: RegExp; what: string; hint: string }

/** The first that fits counts. */
const explanations: readonly Explanation[] = [
  {
    kind: 'hostKey',
    pattern: /Host key verification failed|HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known/,
    what: 'The key of that host is not the one in known_hosts, or not in it.',
    hint: 'As the user who runs the control room, connect to it once by ssh, compare the fingerprint and accept it.',
  },
  {
    kind: 'access',
    pattern:
      /Permission denied|could not read (Username|Password)|terminal prompts disabled|Authentication failed|Too many authentication failures|error: 40[13]|Access denied/i,
    what: 'That host does not let the control room in.',
    hint: 'The repository may be private: give the user who runs the control room an ssh key or a credential helper of git for it.',
  },
  {
    kind: 'name',
    pattern: /Could not resolve host|Name or service not known|nodename nor servname/i,
    what: 'The name of that host has no address.',
    hint: 'Check its spelling, and that this network knows it.',
  },
  {
    kind: 'route',
    pattern:
      /Connection (refused|timed out|reset)|Failed to connect|No route to host|Network is unreachable|Operation timed out|Connection closed|Could not connect|unable to access/i,
    what: 'That host cannot be reached.',
    hint: 'Check that it runs and that the network of the control room leads to it.',
  },
  {
    kind: 'room',
    pattern: /No space left on device|Disk quota exceeded/,
    what: 'The disk of the control room is full.',
    hint: 'Free space where its data folder is, then sync again.',
  },
  {
    kind: 'owner',
    pattern: /dubious ownership/,
    what: 'The repository belongs to another user than the one who runs the control room, so git does not trust it.',
    hint: 'If it is to be trusted, that user says «git config --global --add safe.directory FOLDER».',
  },
  {
    kind: 'bare',
    pattern: /cannot use bare repository|must be run in a work tree/,
    what: 'It is a repository without a work tree.',
    hint: 'Add it by its address, as file:///path/to/repository.git.',
  },
  {
    kind: 'noRepository',
    pattern:
      /does not appear to be a git repository|Repository not found|repository '.*' not found|does not exist|error: 404/i,
    what: 'There is no repository at that address, or none that the control room may see.',
    hint: 'Check the address; of a private one see that the user who runs the control room may read it.',
  },
]

/** Finds words for what git wrote to its standard error. */
export function explainGitFailure(stderr: string): GitError {
  const said = findTellingLine(stderr)
  const because = said === '' ? '' : ` git says: ${said}`
  const found = explanations.find(({ pattern }) => pattern.test(stderr))
  if (found) return new GitError(found.kind, `${found.what}${because}`, found.hint)
  return new GitError('other', `git could not do it.${because}`, 'See what the same says on the command line.')
}

/** True where git looked for a repository and found none. */
export function isNoRepository(stderr: string): boolean {
  return /not a git repository/i.test(stderr) && !/gitfile|invalid gitfile/i.test(stderr)
}

/** The last line that says what is wrong; advice and progress stand around it. No address in it keeps a password. */
export function findTellingLine(text: string): string {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim())
    .filter((line) => line !== '')
  const telling = lines.filter((line) => /^(fatal|error|ERROR|ssh):|denied|refused|failed|not found/i.test(line))
  return hideSecrets((telling[0] ?? lines.at(-1) ?? '').slice(0, 300))
}

/** An address without what stands before its host, but for the user of ssh. */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(/(\b(?!ssh:)[a-z][\w+.-]*:\/\/)[^/@\s]*@/gi, '$1')
    .replaceAll(/(\bssh:\/\/[^/@:\s]*):[^/@\s]*@/gi, '$1@')
}
