import { PilothouseError } from '@pilothouse/contract/wire'
import { quotePath, quoteShell } from '../ssh/quote-shell.ts'
import { SshError } from '../ssh/ssh-error.ts'
import type { SshLink } from '../ssh/ssh-link.ts'

/** What scripts on a machine reached by ssh need to find their way back. */
export type FarSide = {
  /** Whole paths of its mailboxes. */
  mailboxes: string[]
  /** File with a token there, readable by its user only; null when there is none. */
  tokenPath: string | null
}

export type FarSideRequest = {
  /** Folders to be there; `~/` is the home folder over there. */
  mailboxes: readonly string[]
  /** Put there for scripts to read; null to leave what is there. */
  token: string | null
}

const prepareMs = 30_000

/**
 * Makes the mailboxes of a machine and, when one is given, writes the token into a file there. The token goes through the
 * standard input of a shell: it stands on no command line and in no environment.
 * @throws SshError when the machine cannot be asked, or a folder or the token's file cannot be made there.
 */
export async function prepareFarSide(link: SshLink, request: FarSideRequest, signal?: AbortSignal): Promise<FarSide> {
  const output = await link.run(writePrepareScript(request), {
    timeoutMs: prepareMs,
    outputBytesMax: 64 * 1024,
    signal,
  })
  const lines = output.toString().split('\n')
  const read = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const [unmade] = read('unmade')
  if (unmade !== undefined) {
    throw new SshError(
      'other',
      `${unmade} cannot be made on ${link.host}.`,
      'Name a folder that you may write there with --mailbox.',
    )
  }
  const tokenPath = read('token')[0] ?? null
  if (request.token !== null && tokenPath === null) {
    throw new SshError('other', `The token cannot be written on ${link.host}.`, 'Its home folder is full or read-only.')
  }
  return { mailboxes: read('mailbox'), tokenPath }
}

/** Its own script, so that a test can run it. */
export function writePrepareScript({ mailboxes, token }: FarSideRequest): string {
  return ['umask 077', ...mailboxes.map(writeMailbox), ...(token === null ? [] : writeToken(token)), tellToken].join(
    '\n',
  )
}

function writeMailbox(folder: string): string {
  const path = quotePath(folder)
  const told = `printf 'unmade %s\\n' ${quoteShell(folder)}`
  return `mkdir -p ${path} 2>/dev/null && ( cd ${path} && [ -w . ] && printf 'mailbox %s\\n' "$(pwd -P)" ) || ${told}`
}

const tokenFile = '"$HOME"/.pilothouse/report.token'
const tellToken = `if [ -s ${tokenFile} ]; then printf 'token %s\\n' ${tokenFile}; fi`

function writeToken(token: string): string[] {
  // What stands between the marks is data to the shell as long as it is one line of visible characters.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new PilothouseError('invalid', 'The token holds characters that no token has.', { field: 'token' })
  }
  const aside = `${tokenFile}."$$".new`
  return [
    `mkdir -p "$HOME"/.pilothouse && rm -f ${tokenFile}`,
    `cat > ${aside} <<'PILOTHOUSE_TOKEN_ENDS' && mv -f ${aside} ${tokenFile}`,
    token,
    'PILOTHOUSE_TOKEN_ENDS',
  ]
}
