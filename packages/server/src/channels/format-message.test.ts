import type { Alert } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import type { AlertMessage } from './alert-message.ts'
import { formatDiscord, formatMail, formatSlack, formatWebhook } from './format-message.ts'

const linkTo = (place: string, id: string) => `https://lab.example.org/${place}/${id}`
const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const alert: Alert = {
  id: 7,
  job: { uid: 'job-1', name: 'llama' },
  attempt: 1,
  level: 'error',
  title: 'Loss is NaN',
  text: 'loss is NaN.',
  step: 120,
  time: at,
  rule: { id: 1, name: 'Loss is NaN' },
  series: { source: 'job', key: 'loss' },
  value: null,
  status: 'raised',
  changedAt: at,
  changedBy: null,
}
const raised: AlertMessage = { event: 'raised', alert, project: 'sft', at }
const hostile: AlertMessage = {
  ...raised,
  alert: {
    ...alert,
    title: '<!channel> *x* @everyone',
    text: '<https://evil.example|click> `rm` [a](b)\n'.repeat(200),
  },
}

it('a webhook carries all, as a program wants it', () => {
  expect(JSON.parse(formatWebhook(raised, linkTo))).toEqual({
    type: 'alert.raised',
    timestamp: '2026-01-02T03:04:05.000Z',
    data: { alert, project: 'sft', url: 'https://lab.example.org/job/job-1' },
  })
  const test: AlertMessage = { event: 'test', alert: null, project: null, at }
  expect(JSON.parse(formatWebhook(test, linkTo))).toMatchObject({ type: 'test' })
})

it('mail says in its subject what it is about, and in what state', () => {
  expect(formatMail([raised], linkTo)).toEqual({
    subject: '[error] Loss is NaN · llama · sft · step 120',
    text: 'error: Loss is NaN\nloss is NaN.\nllama · sft · step 120\nhttps://lab.example.org/job/job-1\n\n— pilothouse\n',
  })
  const over = { ...raised, event: 'resolved' as const, at: at + 120_000 }
  expect(formatMail([over], linkTo).subject).toBe('[resolved] Loss is NaN · llama · sft · step 120 · after 2 m')
  expect(formatMail([{ ...raised, alert: { ...alert, title: 'a\nBcc: x' } }], linkTo).subject).not.toContain('\n')
})

it('many alerts are one message that tells the first ones and the number of the others', () => {
  const many = Array.from({ length: 25 }, () => raised)
  const slack = JSON.parse(formatSlack(many, linkTo)) as { text: string; blocks: { text: { text: string } }[] }
  expect(slack.text).toBe('25 alerts')
  expect(slack.blocks).toHaveLength(11)
  expect(slack.blocks.at(-1)?.text.text).toBe('… and 15 more.')
  const discord = JSON.parse(formatDiscord(many, linkTo)) as { content: string; embeds: unknown[] }
  expect(discord).toMatchObject({ content: '… and 15 more.' })
  expect(discord.embeds).toHaveLength(10)
  expect(formatMail(many, linkTo).subject).toBe('[pilothouse] 25 alerts')
})

it('what people wrote mentions nobody, links nowhere, and stays within the bounds of the service', () => {
  const slack = formatSlack([hostile], linkTo)
  expect(slack).not.toMatch(/<(?!https:\/\/lab\.example\.org)/)
  const { blocks } = JSON.parse(slack) as { blocks: { text: { text: string } }[] }
  expect(blocks[0]?.text.text.length).toBeLessThanOrEqual(3_000)
  const discord = JSON.parse(formatDiscord([hostile], linkTo)) as {
    allowed_mentions: unknown
    embeds: { title: string; description: string }[]
  }
  expect(discord.allowed_mentions).toEqual({ parse: [] })
  expect(discord.embeds[0]?.description).toContain(String.raw`\[a\]\(b\)`)
  expect(discord.embeds[0]?.title.length).toBeLessThanOrEqual(256)
  expect(discord.embeds[0]?.description.length).toBeLessThanOrEqual(4_096)
})

it('a page of ten full embeds stays below the bound of Discord for a message', () => {
  const { embeds } = JSON.parse(
    formatDiscord(
      Array.from({ length: 10 }, () => hostile),
      linkTo,
    ),
  ) as {
    embeds: { title: string; description: string; footer: { text: string } }[]
  }
  const total = embeds.reduce(
    (sum, { title, description, footer }) => sum + title.length + description.length + footer.text.length,
    0,
  )
  expect(total).toBeLessThanOrEqual(6_000)
})

const ended: AlertMessage = {
  event: 'ended',
  alert: null,
  project: null,
  at,
  batch: {
    id: 'batch_1',
    name: 'reviews.jsonl',
    owner: 'anna',
    model: 'small-llama',
    status: 'completed',
    counts: { total: 1_000, completed: 998, failed: 2 },
    tokens: { input: 42_000, output: 7_000 },
    cost: { amount: 1.25, currency: 'USD' },
    tookMs: 120_000,
  },
}

it('the end of a batch says what came of it, how long it took and what it cost', () => {
  const { subject, text } = formatMail([ended], linkTo)
  expect(subject).toBe('[completed] Batch «reviews.jsonl» has completed · small-llama · anna')
  expect(text.replaceAll('\u202F', ' ')).toContain(
    '998 of 1000 requests answered, 2 without an answer.\n2 m, 42 000 tokens in and 7000 out, $1.25.',
  )
  expect(text).toContain('https://lab.example.org/batches/batch_1')
  expect(formatSlack([ended], linkTo)).toContain('<https://lab.example.org/batches/batch_1|')
  expect(formatMail([ended, raised], linkTo).subject).toBe('[pilothouse] 2 messages')
})

it('a webhook names the end of a batch as OpenAI does, with its id', () => {
  expect(JSON.parse(formatWebhook(ended, linkTo))).toMatchObject({ type: 'batch.completed', data: { id: 'batch_1' } })
})

it('that a budget is spent is told in its own words, and used up as an error', () => {
  const values = {
    id: 1,
    name: 'monthly',
    scope: 'project',
    subject: 'vision',
    period: 'month',
    currency: 'USD',
  } as const
  const sums = { amount: 100, spent: 81, threshold: 80, action: 'stop' } as const
  const spent: AlertMessage = { event: 'spent', alert: null, project: null, budget: { ...values, ...sums }, at }
  expect(formatMail([spent], linkTo)).toMatchObject({
    subject: '[warning] Budget «monthly» is spent to 80 % · project vision · by month',
  })
  const used: AlertMessage = { ...spent, budget: { ...values, ...sums, spent: 100, threshold: 100 } }
  expect(formatSlack([used], linkTo)).toContain('What costs within its scope is told to stop.')
  expect(formatDiscord([used], linkTo)).toContain('is used up')
  expect(JSON.parse(formatSlack([spent, used], linkTo))).toMatchObject({ text: '2 messages' })
})
