import type {
  InstanceAction,
  InstanceDetail,
  InstanceFacts,
  InstanceStatus,
  RentedInstance,
} from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { formatBytes, formatDuration, formatMoney, formatPrice, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Column, shorten, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

/** Below this a second line holds what does not fit. */
const wideFrom = 140

const styles: Readonly<Record<InstanceStatus, { sign: string; style: PaintStyle }>> = {
  created: { sign: '○', style: 'dim' },
  loading: { sign: '◔', style: 'yellow' },
  running: { sign: '●', style: 'green' },
  stopped: { sign: '‖', style: 'yellow' },
  exited: { sign: '✗', style: 'red' },
  offline: { sign: '✗', style: 'red' },
  gone: { sign: '⊘', style: 'dim' },
  unknown: { sign: '?', style: 'magenta' },
}

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'GPU', elastic: true },
  { title: 'USE', align: 'right' },
  { title: 'AN HOUR', align: 'right' },
  { title: 'TOTAL', align: 'right' },
  { title: 'SEEN', align: 'right' },
]
const wideColumns: readonly Column[] = [
  ...columns.map(({ elastic: _, ...column }) => column),
  { title: 'TARGET' },
  { title: 'JOB', elastic: true },
]

/** Rented machines as a table; in a narrow terminal with target and job below each. What is wrong with an account stands below. */
export function viewInstances(instances: readonly RentedInstance[], { paint, width, now }: View): string[] {
  const isWide = width >= wideFrom
  const rows = instances.map((one) => {
    const { sign, style } = styles[one.facts.status]
    const texts = [
      one.facts.id,
      `${sign} ${one.facts.status}`,
      describeGpus(one.facts),
      percent(one.facts.status === 'running' ? one.facts.gpuUse : null),
      describeRate(one.facts),
      describeCost(one),
      formatAge(one.seenAt, now),
      ...(isWide ? [describeName(one), describeJob(one)] : []),
    ]
    return texts.map((text, at) => ({
      text: sanitizeForTerminal(text),
      ...(at === 1 ? { paint: (word: string) => paint(style, word) } : {}),
    }))
  })
  const [head = '', ...lines] = viewTable(isWide ? wideColumns : columns, rows, width)
  const all = instances.flatMap((one, at) => {
    const below = sanitizeForTerminal(`  ${describeName(one)} · ${describeJob(one)}`)
    return [lines[at] ?? '', ...(isWide ? [] : [paint('dim', shorten(below, width))])]
  })
  return [paint('dim', head), ...all, ...viewTroubles(instances, { paint, now })]
}

function viewTroubles(instances: readonly RentedInstance[], { paint, now }: Pick<View, 'paint' | 'now'>): string[] {
  const known = new Map(instances.map(({ account, trouble }) => [account.name, trouble]))
  return [...known].flatMap(([name, trouble]) => {
    if (trouble === null) return []
    const words = `${name}: ${trouble.message} What is shown is what was last seen; so for ${formatAge(trouble.since, now)}.`
    return [paint('red', sanitizeForTerminal(words)), sanitizeForTerminal(`  ${trouble.hint}`)]
  })
}

/** One machine with all that is known of it, and its cost by day. */
export function viewInstance(instance: InstanceDetail, { paint, now }: View): string[] {
  const { facts, days, account } = instance
  const { sign, style } = styles[facts.status]
  const label = facts.label ? ` ${facts.label}` : ''
  const entries: [string, string | null][] = [
    ['account', `${account.name} (${facts.provider})`],
    ['target', instance.target ?? 'none: no job can be launched on it now'],
    ['job', describeJob(instance)],
    ['GPU', `${describeGpus(facts)}${describeGpuFigures(facts)}`],
    ['CPU', facts.status === 'running' && facts.cpuUse !== null ? percent(facts.cpuUse) : null],
    ['memory', describeRoom(facts.memory)],
    ['disk', describeRoom(facts.disk)],
    ['image', facts.image],
    ['region', facts.region],
    ['ssh', facts.ssh && `${facts.ssh.user}@${facts.ssh.host} -p ${facts.ssh.port}`],
    ['runs for', facts.status === 'running' && facts.startedAt !== null ? formatAge(facts.startedAt, now) : null],
    ['contract', describeContract(facts, now)],
    ['an hour', describeRate(facts)],
    ['total', `${describeCost(instance)}${instance.cost?.isEstimate ? ' (estimate)' : ''}`],
    ['log', describeLog(instance, now)],
    ['says', facts.statusText],
    ['seen', `${formatAge(instance.seenAt, now)} ago`],
  ]
  return [
    `${paint(style, `${sign} ${facts.status}`)} ${sanitizeForTerminal(`${facts.provider} ${facts.id}${label}`)}`,
    ...entries.flatMap(([name, text]) => (text ? [`  ${name.padEnd(9)} ${sanitizeForTerminal(text)}`] : [])),
    ...days.map(({ day, amount, currency, isCharged }) => {
      const date = new Date(day).toISOString().slice(0, 10)
      return `  ${date} ${formatMoney(amount, currency)} ${isCharged ? 'billed' : 'estimate'}`
    }),
    ...viewTroubles([instance], { paint, now }),
  ]
}

/** What an action does to a machine, for who is to confirm it. */
export function viewOrder(action: InstanceAction, instance: RentedInstance): string[] {
  const { facts, job } = instance
  const isWorking = job !== null && !isEnded(job.state)
  const work = isWorking && action !== 'start' ? ` The job «${job.name}» on it ends where it is.` : ''
  const label = facts.label ? ` (${facts.label})` : ''
  const what = `${action} ${facts.provider} ${facts.id}${label}, ${describeGpus(facts)}, account ${instance.account.name}.`
  return [sanitizeForTerminal(what), sanitizeForTerminal(` ${work} ${describeEffect(action, facts)}`)]
}

function describeEffect(action: InstanceAction, { perHour, storagePerHour, currency }: InstanceFacts): string {
  switch (action) {
    case 'start':
      return perHour === null
        ? 'It is billed while it runs.'
        : `It costs ${price(perHour, currency)} an hour from then on.`
    case 'stop':
      return storagePerHour === null
        ? 'Its disk stays, and is billed.'
        : `Its disk stays for ${price(storagePerHour, currency)} an hour.`
    case 'destroy':
      return 'Everything on its disk is lost: checkpoints, data, logs. This cannot be taken back.'
    default:
      return action satisfies never
  }
}

/** `30007012 (llama)` */
export function nameInstance({ facts }: Pick<RentedInstance, 'facts'>): string {
  return sanitizeForTerminal(`${facts.provider} ${facts.id}${facts.label ? ` (${facts.label})` : ''}`)
}

function describeName({ target, facts }: RentedInstance): string {
  if (target !== null) return target
  return facts.label ? `${facts.label} (no target now)` : 'no target now'
}

function describeJob({ job, stopWhenDone }: RentedInstance): string {
  if (job === null) return 'no job'
  const part = job.fraction === null ? '' : ` ${Math.floor(job.fraction * 100)} %`
  return `${job.name} ${job.uid} ${job.state}${part}${stopWhenDone ? ', then stopped' : ''}`
}

/** Of a training log that is followed there; null where a job tells of itself. */
function describeLog({ log }: RentedInstance, now: number): string | null {
  if (log === null) return null
  const read = log.readAt === null ? 'none found yet' : `read ${formatAge(log.readAt, now)} ago`
  return log.trouble === null ? read : `${read}; over ssh it cannot be read: ${log.trouble}`
}

function describeGpus({ gpuName, gpuCount }: InstanceFacts): string {
  if (gpuCount === 0) return 'no GPU'
  return gpuCount === 1 ? (gpuName ?? 'GPU') : `${gpuCount} × ${gpuName ?? 'GPU'}`
}

function describeGpuFigures({ status, gpuUse, gpuTemperature, gpuMemory }: InstanceFacts): string {
  if (status !== 'running') return ''
  const figures = [
    gpuUse === null ? null : percent(gpuUse),
    gpuTemperature === null ? null : `${Math.round(gpuTemperature)} °C`,
    describeRoom(gpuMemory),
  ].filter((figure) => figure !== null)
  return figures.length === 0 ? '' : `: ${figures.join(', ')}`
}

function describeRate({ status, perHour, storagePerHour, currency }: InstanceFacts): string {
  const isKept = status === 'stopped' || status === 'exited' || status === 'offline'
  const rate = status === 'gone' ? null : isKept ? storagePerHour : perHour
  return rate === null ? '–' : price(rate, currency)
}

/** Tenths of cents are enough of an hour. */
function price(amount: number, currency: string): string {
  return formatPrice(Math.round(amount * 1_000) / 1_000, currency)
}

function describeCost({ cost }: RentedInstance): string {
  return cost === null ? '–' : `${cost.isEstimate ? '≈ ' : ''}${formatMoney(cost.amount, cost.currency)}`
}

function describeContract({ contractEndsAt }: InstanceFacts, now: number): string | null {
  if (contractEndsAt === null) return null
  return contractEndsAt > now ? `ends in ${formatDuration(contractEndsAt - now)}` : 'has ended'
}

function describeRoom({ used, total }: InstanceFacts['memory']): string | null {
  if (total === null) return used === null ? null : formatBytes(used)
  return used === null ? formatBytes(total) : `${formatBytes(used)} of ${formatBytes(total)}`
}

function percent(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} %`
}

function formatAge(at: number, now: number): string {
  return formatDuration(Math.max(0, now - at))
}
