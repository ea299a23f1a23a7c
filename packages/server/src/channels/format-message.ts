/** Messages as each kind of channel wants them. Pure. What people wrote stays text: it mentions nobody and marks nothing. */
import type { AlertLevel } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { type AlertMessage, testWords } from './alert-message.ts'

/** Alerts that one message tells in full; of more, their number. */
const toldMax = 10
/** Slack takes 3,000 characters in a block; Discord 6,000 in all embeds of a message together. With room to spare. */
const textLengthMax = 1_500
const titleLengthMax = 120
const embedsLengthMax = 5_600

/** Address of the page of a job. */
export type LinkTo = (uid: string) => string
type Words = { level: AlertLevel; title: string; text: string; context: string; link: string | null; isOver: boolean }

/** The body of a webhook: one message, for programs. */
export function formatWebhook(message: AlertMessage, linkTo: LinkTo): string {
  const { event, alert, project, at } = message
  const url = alert && linkTo(alert.job.uid)
  return JSON.stringify({
    type: event === 'test' ? 'test' : `alert.${event}`,
    timestamp: new Date(at).toISOString(),
    data: alert ? { alert, project, url } : { text: testWords.text },
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
    messages.length === 1 && first ? `${signOf(first)} ${escapeSlack(first.title)}` : `${messages.length} alerts`
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
      ? `[${first.isOver ? 'resolved' : first.level}] ${first.title}${first.context === '' ? '' : ` · ${first.context}`}`
      : `[pilothouse] ${all.length} alerts`
  const parts = all.map(({ title, text, context, link, isOver, level }) =>
    [`${isOver ? 'resolved' : level}: ${title}`, text, context, link].filter(Boolean).join('\n'),
  )
  return { subject: cut(oneLine(subject), titleLengthMax), text: `${parts.join('\n\n')}\n\n— pilothouse\n` }
}

function describe({ event, alert, project, at }: AlertMessage, linkTo: LinkTo): Words {
  if (!alert) return { level: 'info', ...testWords, context: '', link: null, isOver: false }
  const isOver = event === 'resolved'
  const where = [alert.job.name || alert.job.uid, project, alert.step === null ? null : `step ${alert.step}`]
  const lasted = isOver && at > alert.time ? [`after ${formatDuration(at - alert.time)}`] : []
  const context = [...where, ...lasted].filter(Boolean).join(' · ')
  return { level: alert.level, title: alert.title, text: alert.text, context, link: linkTo(alert.job.uid), isOver }
}

function formatSlackText({ title, text, context, link, ...rest }: Words): string {
  const name = escapeSlack(cut(oneLine(title), titleLengthMax))
  const head = link === null ? `*${name}*` : `<${link}|*${name}*>`
  return cut(`${signOf(rest)} ${head}\n${escapeSlack(cut(text, textLengthMax))}\n${escapeSlack(context)}`, 2_900)
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

function signOf({ level, isOver }: Pick<Words, 'level' | 'isOver'>): string {
  if (isOver) return '✓'
  return { info: 'ℹ', warning: '⚠', error: '✗' }[level]
}

function colourOf({ level, isOver }: Pick<Words, 'level' | 'isOver'>): number {
  if (isOver) return 0x2e_9e_5b
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
