/** E-mail by way of the mail server that whoever runs this server has named. */
import { PilothouseError } from '@pilothouse/contract'
import type { Mail } from './format-message.ts'

const timeoutMs = 15_000

export type MailSettings = { smtpUrl: string | null; from: string }
/** `id` is that of the delivery: the same when it is tried again. */
export type SendMail = (mail: Mail & { to: readonly string[]; id: number }) => Promise<void>

/** @throws PilothouseError `unavailable` when it may work later, `forbidden` when the mail server refuses for good. */
export function makeSendMail({ smtpUrl, from }: MailSettings): SendMail {
  if (smtpUrl === null) {
    return async () => {
      throw new PilothouseError('forbidden', 'This server has no mail server: it is named by PILOTHOUSE_SMTP_URL.')
    }
  }
  const { hostname } = new URL(smtpUrl)
  let transport: ReturnType<typeof openTransport> | undefined
  return async ({ subject, text, to, id }) => {
    const headers = { 'Auto-Submitted': 'auto-generated', 'X-Pilothouse-Delivery': String(id) }
    transport ??= openTransport(smtpUrl)
    try {
      await (await transport).sendMail({ from, to: [...to], subject, text, headers })
    } catch (cause) {
      throw explain(cause, hostname)
    }
  }
}

/** Loaded with the first mail: most servers send none. */
async function openTransport(url: string) {
  const { createTransport } = await import('nodemailer')
  const times = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs }
  // Neither files nor addresses are read for what a message says.
  return createTransport({ url, ...times, disableFileAccess: true, disableUrlAccess: true })
}

function explain(cause: unknown, hostname: string): PilothouseError {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const status = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : 0
  const code = status >= 500 ? 'forbidden' : 'unavailable'
  return new PilothouseError(code, `The mail server ${hostname} did not take it: ${error.message}.`, { cause })
}
