/** Which metrics share a chart: training, validation and test of the same thing, if they have the same axis. */
import type { XAxis } from '@pilothouse/contract'
import { nameAxis } from './chart-scale.ts'

export type KeyRole = 'train' | 'validation' | 'test'
/** The axis of a metric, and the key or pattern that says so; without one nobody does. */
export type KeyAxis = { x: XAxis; pattern: string | undefined }
export type KeyGroup = KeyAxis & {
  title: string
  members: { key: string; role: KeyRole }[]
  /** Metrics of other charts that lie over them, and the keys that have their axis on the right. */
  added?: readonly string[]
  right?: readonly string[]
  /** Who logs them, if that is not only the job itself (source-mode.ts). */
  sources?: readonly string[]
}

const roleWords: Record<string, KeyRole> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  eval: 'validation',
  dev: 'validation',
  test: 'test',
  final: 'test',
}
const roleOrder: readonly KeyRole[] = ['train', 'validation', 'test']

/** What people look for first, in this order; the rest follows by name. */
const firstWords = [
  /^loss$/,
  /loss/,
  /acc/,
  /^f1|[_/]f1/,
  /perplexity|ppl/,
  /map|iou|bleu|rouge|auc/,
  /grad/,
  /^lr$|learning.?rate/,
]

/** Splits `val/loss`, `eval_loss`, `loss.val` into the thing measured and on what. */
export function readKey(key: string): { base: string; role: KeyRole } {
  const front = /^([a-z]+)[/_.\- ](.+)$/i.exec(key)
  const frontRole = roleWords[front?.[1]?.toLowerCase() ?? '']
  if (front && frontRole) return { base: front[2] ?? key, role: frontRole }
  const back = /^(.+)[/_.\- ]([a-z]+)$/i.exec(key)
  const backRole = roleWords[back?.[2]?.toLowerCase() ?? '']
  if (back && backRole) return { base: back[1] ?? key, role: backRole }
  return { base: key, role: 'train' }
}

const steps: KeyAxis = { x: 'step', pattern: undefined }

/** Groups keys into charts, the most looked-for first. */
export function groupKeys(keys: readonly string[], axisOf: (key: string) => KeyAxis = () => steps): KeyGroup[] {
  const groups = new Map<string, KeyGroup>()
  const charts = new Map<string, number>()
  for (const key of keys) {
    const { base, role } = readKey(key)
    const axis = axisOf(key)
    const name = `${axis.x}\n${base}`
    const group = groups.get(name) ?? { title: base, ...axis, members: [] }
    if (group.members.length === 0) charts.set(base, (charts.get(base) ?? 0) + 1)
    group.members.push({ key, role })
    groups.set(name, group)
  }
  for (const group of groups.values()) {
    const { members } = group
    members.sort((a, b) => roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role) || compareNames(a.key, b.key))
    if ((charts.get(group.title) ?? 0) > 1 && group.x !== 'step') group.title = tellApart(group)
  }
  return sortByTitle([...groups.values()])
}

/** What people look for first, the rest by name. */
function sortByTitle(groups: readonly KeyGroup[]): KeyGroup[] {
  const ranked = groups.map((group) => ({ group, rank: rankTitle(group.title) }))
  return ranked.sort((a, b) => a.rank - b.rank || compareNames(a.group.title, b.group.title)).map(({ group }) => group)
}

/** Names a chart beside another one of the same thing over steps. */
function tellApart({ title, x, members: [first, ...others] }: KeyGroup): string {
  return first && others.length === 0 ? first.key : `${title} over ${nameAxis(x)}`
}

function rankTitle(title: string): number {
  const rank = firstWords.findIndex((pattern) => pattern.test(title.toLowerCase()))
  return rank === -1 ? firstWords.length : rank
}

/** Made once: `localeCompare` makes one for each pair, which takes a second for some thousand keys. */
const collator = new Intl.Collator('en', { numeric: true })

function compareNames(a: string, b: string): number {
  return collator.compare(a, b)
}
