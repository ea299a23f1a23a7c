/** Messages as each kind of channel wants them. Pure. What people wrote stays text: it mentions nobody and marks nothing. */
import type { AlertLevel } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { type AlertMessage, testWords } from './alert-message.ts'
import { describeBatchEnd } from './batch-end.ts'
import { describeBudgetSpent } from './budget-spent.ts'

/** Alerts, or ends of batches, that one message tells in full; of more, their number. */
const toldMax = 10
/** Slack takes 3,000 characters in a block; Discord 6,000 in all embeds of a message together. With room to spare. */
const textLengthMax = 1_500
const titleLengthMax = 120
const embedsLengthMax = 5_600

/** Address of the page of a job, of a batch, or of costs, which is one and takes no id. */
export type LinkTo = (place: 'job' | 'batches' | 'costs', id: string) => string
/** `state`: as a subject begins. `isGood`: the end of something, as it should be. */
type Words = {
  level: AlertLevel
  state: string
  isGood: boolean
  title: string
  text: string
  context: string
  link: string | null
}

/** The body of a webhook: one message, for programs. */
export function formatWebhook(message: AlertMessage, linkTo: LinkTo): string {
  const { event, alert, project, batch, budget, at } = message
  const timestamp = new Date(at).toISOString()
  if (batch) {
    // Types as OpenAI's own webhooks name them, with the id where they have it.
    const data = { ...batch, url: linkTo('batches', batch.id) }
    return JSON.stringify({ type: `batch.${batch.status}`, timestamp, data })
  }
  if (budget) {
    const data = { ...budget, url: linkTo('costs', '') }
    return JSON.stringify({ type: 'budget.spent', timestamp, data })
  }
  if (!alert) return JSON.stringify({ type: 'test', timestamp, data: { text: testWords.text } })
  return JSON.stringify({
    type: `alert.${event}`,
    timestamp,
    data: { alert, project, url: linkTo('job', alert.job.uid) },
  })
}

/** For incoming webhooks of Slack, and of Mattermost, Rocket.Chat and others that take the same. */
export function formatSlack(messages: readonly AlertMessage[], linkTo: LinkTo): string {
  const told = messages.slice(0, toldMax).map((message) => describe(message, linkTo))
  const blocks = told.map((words) => section(formatSlackText(words)))
  const rest = messages.length - told.length
  if (rest > 0) blocks.push(section(`… and ${rest} more.`))
  const [first] = told
  const summary =
    messages.length === 1 && first ? `${signOf(first)} ${escapeSlack(first.title)}` : countMessages(messages)
  return JSON.stringify({ text: summary, blocks, unfurl_links: false, unfurl_media: false })
}

export function formatDiscord(messages: readonly AlertMessage[], linkTo: LinkTo): string {
  const told = messages.slice(0, toldMax).map((message) => describe(message, linkTo))
  const rest = messages.length - told.length
  const descriptionMax = Math.min(textLengthMax, Math.floor(embedsLengthMax / told.length) - 2 * titleLengthMax)
  return JSON.stringify({
    username: 'pilothouse',
    ...(rest > 0 ? { content: `… and ${rest} more.` } : {}),
    embeds: told.map((words) => ({
      title: cut(`${signOf(words)} ${escapeMarkdown(words.title)}`, titleLengthMax),
      description: cut(escapeMarkdown(words.text), descriptionMax),
      ...(words.link === null ? {} : { url: words.link }),
      color: colourOf(words),
      footer: { text: cut(words.context, titleLengthMax) },
    })),
    allowed_mentions: { parse: [] },
  })
}

export type Mail = { subject: string; text: string }

export function formatMail(messages: readonly AlertMessage[], linkTo: LinkTo): Mail {
  const all = messages.map((message) => describe(message, linkTo))
  const [first] = all
  const subject =
    all.length === 1 && first
      ? `[${first.state}] ${first.title}${first.context === '' ? '' : ` · ${first.context}`}`
      : `[pilothouse] ${countMessages(messages)}`
  const parts = all.map(({ title, text, context, link, state }) =>
    [`${state}: ${title}`, text, context, link].filter(Boolean).join('\n'),
  )
  return { subject: cut(oneLine(subject), titleLengthMax), text: `${parts.join('\n\n')}\n\n— pilothouse\n` }
}

function countMessages(messages: readonly AlertMessage[]): string {
  return `${messages.length} ${messages.every(({ batch, budget }) => !batch && !budget) ? 'alerts' : 'messages'}`
}

function describe({ event, alert, project, batch, budget, at }: AlertMessage, linkTo: LinkTo): Words {
  if (batch) {
    const words = describeBatchEnd(batch)
    return { ...words, state: batch.status, isGood: words.level === 'info', link: linkTo('batches', batch.id) }
  }
  if (budget) {
    const words = describeBudgetSpent(budget)
    return { ...words, state: words.level, isGood: false, link: linkTo('costs', '') }
  }
  if (!alert) return { level: 'info', state: 'info', isGood: false, ...testWords, context: '', link: null }
  const { level, title, text } = alert
  const isOver = event === 'resolved'
  const where = [alert.job.name || alert.job.uid, project, alert.step === null ? null : `step ${alert.step}`]
  const lasted = isOver && at > alert.time ? [`after ${formatDuration(at - alert.time)}`] : []
  const context = [...where, ...lasted].filter(Boolean).join(' · ')
  const state = isOver ? 'resolved' : level
  return { level, state, isGood: isOver, title, text, context, link: linkTo('job', alert.job.uid) }
}

function formatSlackText({ title, text, context, link, ...rest }: Words): string {
  const name = escapeSlack(cut(oneLine(title), titleLengthMax))
  const head = link === null ? `*${name}*` : `<${link}|*${name}*>`
  return cut(`${signOf(rest)} ${head}\n${escapeSlack(cut(text, textLengthMax))}\n${escapeSlack(context)}`, 2_900)
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

function signOf({ level, isGood }: Pick<Words, 'level' | 'isGood'>): string {
  if (isGood) return '✓'
  return { info: 'ℹ', warning: '⚠', error: '✗' }[level]
}

function colourOf({ level, isGood }: Pick<Words, 'level' | 'isGood'>): number {
  if (isGood) return 0x2e_9e_5b
  return { info: 0x3b_82_f6, warning: 0xd9_8a_00, error: 0xd6_36_3f }[level]
}

/** The three characters that Slack asks to escape: then nothing is a link, a mention or a channel. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function escapeMarkdown(text: string): string {
  return text.replace(/([\\`*_~|[\]()#>])/g, String.raw`\$1`)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
