/** Which metrics share a chart: training, validation and test of the same thing, if they have the same axis. */
import type { XAxis } from '@pilothouse/contract'
import { metricRole } from '../metric-role.ts'
import { nameAxis } from './chart-scale.ts'
import { findFamily, type ModelFamily, type ModelWords } from './model-family.ts'

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
  /** One of the few that people look for first in trainings of this kind. */
  isSought?: boolean
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

/** What people look for first where the kind of training does not tell (model-family.ts), in this order. */
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

const soughtMax = 6

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

/** Groups keys into charts, the most looked-for first: what that is, the kind of the training decides. */
export function groupKeys(
  keys: readonly string[],
  axisOf: (key: string) => KeyAxis = () => steps,
  words: ModelWords = {},
): KeyGroup[] {
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
  return sortByTitle([...groups.values()], findFamily(words.ownKeys ?? keys, words))
}

/** What people look for first, the rest by what it stands for and by name. */
function sortByTitle(groups: readonly KeyGroup[], family: ModelFamily | undefined): KeyGroup[] {
  const patterns = [...(family?.first ?? []), ...firstWords]
  const ranked = groups.map((group) => ({ group, rank: rankTitle(group, patterns) }))
  ranked.sort((a, b) => a.rank - b.rank || compareNames(a.group.title, b.group.title))
  const isSought = ({ rank }: { rank: number }, place: number): boolean =>
    place < soughtMax && rank < (family?.first.length ?? 0)
  return ranked.map((one, place) => (isSought(one, place) ? { ...one.group, isSought: true } : one.group))
}

/** Names a chart beside another one of the same thing over steps. */
function tellApart({ title, x, members: [first, ...others] }: KeyGroup): string {
  return first && others.length === 0 ? first.key : `${title} over ${nameAxis(x)}`
}

function rankTitle({ title, members }: KeyGroup, patterns: readonly RegExp[]): number {
  const key = members[0]?.key ?? title
  // A chart that is told apart by its title is ranked as what it shows.
  const small = readKey(key).base.toLowerCase()
  const rank = patterns.findIndex((pattern) => pattern.test(small))
  if (rank >= 0) return rank
  const role = metricRole(key.toLowerCase())
  return patterns.length + (role === 'quality' ? 0 : role === 'measure' ? 1 : 2)
}

/** Made once: `localeCompare` makes one for each pair, which takes a second for some thousand keys. */
const collator = new Intl.Collator('en', { numeric: true })

function compareNames(a: string, b: string): number {
  return collator.compare(a, b)
}
