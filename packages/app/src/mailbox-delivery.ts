import {
  createClient,
  makeReportRowSend,
  makeReportSend,
  type ReportRowSend,
  type ReportSend,
} from '@pilothouse/client'
import { type JobCreate, PilothouseError } from '@pilothouse/contract'
import type { MailboxServer } from '@pilothouse/fleet'
import type { FoundServer } from './find-server.ts'

/** After so long without an answer a call is tried again. */
const answerMs = 30_000
/** So long one question for commands waits for an answer. */
const listenMs = 25_000
/** Jobs whose address is kept ready; above, all are made anew. */
const sendersMax = 1024

type Senders = { one: ReportSend; row: ReportRowSend }

/** The control room as a collector of mailboxes sees it, over HTTP. */
export function makeMailboxServer({ url, token }: Pick<FoundServer, 'url' | 'token'>): MailboxServer {
  const client = createClient({ baseUrl: url, token })
  const senders = new Map<string, Senders>()
  const findSenders = (uid: string): Senders => {
    if (senders.size >= sendersMax) senders.clear()
    const options = { url, uid, token, timeoutMs: answerMs }
    const found = senders.get(uid) ?? { one: makeReportSend(options), row: makeReportRowSend(options) }
    senders.set(uid, found)
    return found
  }
  return {
    createJob: (uid, create, signal) =>
      explainSilence(url, async () => {
        const body = create as JobCreate // written by a reporter; the server checks it
        const within = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
        const made = await client.call('jobs.put', { params: { uid }, body, signal: within })
        return { uid: made.uid, attempt: made.attempt, page: `${client.baseUrl}${made.page}` }
      }),
    takeCommands: (uid, { attempt, after }, signal) =>
      explainSilence(url, () => {
        const query = { attempt: String(attempt), after: String(after), waitMs: String(listenMs) }
        const within = AbortSignal.any([signal, AbortSignal.timeout(listenMs + answerMs)])
        return client.call('commands.take', { params: { uid }, query, signal: within })
      }),
    sendReport: (uid, frame, signal) => explainSilence(url, () => findSenders(uid).one(frame, signal)),
    sendRow: (uid, frames, signal) => explainSilence(url, () => findSenders(uid).row(frames, signal)),
  }
}

/** `fetch` has no words of its own for a server that does not answer. */
async function explainSilence<Answer>(url: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof PilothouseError && cause.code !== 'unavailable') throw cause
    throw new PilothouseError('unavailable', `The control room at ${url} takes nothing now.`, {
      hint: 'Check that it runs (pilothouse serve) and that this machine reaches it. What waits is kept.',
      cause,
    })
  }
}
