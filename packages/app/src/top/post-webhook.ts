/** Tells a webhook what the screen is told: one message after the other, within bounds, and never in the way of the screen. */
import { chooseRequest } from '@pilothouse/fleet'
import type { TopSource, TopUpdate } from '@pilothouse/terminal/top'

type TopEvent = Extract<TopUpdate, { type: 'event' }>
/** @throws Error when it is not taken */
export type Post = (url: URL, body: string) => Promise<void>

const waitingMax = 50
const postMsMax = 10_000
/** Of a webhook that does not answer it is told once in a while. */
const complainMs = 10 * 60_000
/** Slack takes these and refuses what it does not know. */
const slackHost = 'hooks.slack.com'

/** The same source; warnings, errors and completed epochs are posted as well. */
export function withWebhook(
  source: TopSource,
  address: string,
  { post = postOverHttp, now }: { post?: Post; now: () => number },
): TopSource {
  const url = new URL(address)
  const waiting: TopEvent[] = []
  let isBusy = false
  let complainedAt = Number.NEGATIVE_INFINITY

  async function work(tell: (update: TopUpdate) => void): Promise<void> {
    isBusy = true
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      try {
        await post(url, writeBody(event, source.label, url))
      } catch (error) {
        if (now() - complainedAt < complainMs) continue
        complainedAt = now()
        const why = error instanceof Error ? error.message : String(error)
        tell({ type: 'event', at: now(), level: 'warning', text: `${url.host} did not take a message: ${why}` })
      }
    }
    isBusy = false
  }

  return {
    label: source.label,
    floorMs: source.floorMs,
    start: (tell) =>
      source.start((update) => {
        tell(update)
        if (update.type !== 'event' || waiting.length >= waitingMax) return
        waiting.push(update)
        if (!isBusy) void work(tell)
      }),
    refresh: () => source.refresh(),
    watch: (rowId) => source.watch(rowId),
    act: (rowId, action) => source.act(rowId, action),
    close: () => source.close(),
  }
}

function writeBody({ at, level, text }: TopEvent, source: string, url: URL): string {
  return JSON.stringify(url.host === slackHost ? { text } : { text, level, at, source })
}

const postOverHttp: Post = (url, body) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const sent = chooseRequest(url)(
      url,
      { method: 'POST', headers, signal: AbortSignal.timeout(postMsMax) },
      (answer) => {
        answer.resume()
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Error(`it answered ${status}.`))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
