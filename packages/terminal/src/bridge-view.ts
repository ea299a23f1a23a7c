import { sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'

/** A way between this control room and a machine, as it stands. */
export type BridgeReady = {
  host: string
  /** Port of the far side's loopback; null where none is forwarded. */
  port: number | null
  /** Why none is. */
  refusal: string | null
  /** Folders over there that are collected. */
  mailboxes: readonly string[]
  /** File over there that holds a token. */
  tokenPath: string | null
}

/** What to set over there, as lines for its shell. */
export function listBridgeSettings({ port, mailboxes, tokenPath }: BridgeReady): string[] {
  const [mailbox] = mailboxes
  return [
    ...(port === null ? [] : [`export PILOTHOUSE_URL=http://127.0.0.1:${port}`]),
    ...(port === null || tokenPath === null ? [] : [`export PILOTHOUSE_TOKEN_FILE=${quote(tokenPath)}`]),
    ...(mailbox === undefined ? [] : [`export PILOTHOUSE_MAILBOX=${quote(mailbox)}`]),
  ]
}

/** What `bridge` says once the way is open. */
export function viewBridge(ready: BridgeReady, paint: Paint): string[] {
  const { host, port, refusal, mailboxes, tokenPath } = ready
  const ways = [...(port === null ? [] : [`port ${port} there leads here`]), `${mailboxes.join(', ')} is collected`]
  const name = sanitizeForTerminal(host)
  const needsToken = port !== null && tokenPath === null
  return [
    `${paint('green', '●')} ${name}: ${sanitizeForTerminal(ways.join('; '))}`,
    ...(refusal === null
      ? []
      : [`  No port is forwarded, so reports come by the mailbox. ${sanitizeForTerminal(refusal)}`]),
    `  Before a script starts on ${name}:`,
    ...listBridgeSettings(ready).map((line) => `    ${sanitizeForTerminal(line)}`),
    ...(needsToken
      ? [
          `  There is no token on ${name} yet: call this with --install-token, which writes one into a file there that only you`,
          '  can read, and set PILOTHOUSE_TOKEN_FILE to it. Until then reports come by the mailbox.',
        ]
      : []),
    paint('dim', '  Ctrl-C ends it. Scripts over there go on, and keep their reports until it is called again.'),
  ]
}

/** As a shell reads it; plain paths stay plain. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
