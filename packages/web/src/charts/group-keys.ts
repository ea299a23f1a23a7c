/** Which metrics share a chart: training, validation and test of the same thing. */

export type KeyRole = 'train' | 'validation' | 'test'
export type KeyGroup = { title: string; members: { key: string; role: KeyRole }[] }

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

/** Groups keys into charts, the most looked-for first. */
export function groupKeys(keys: readonly string[]): KeyGroup[] {
  const groups = new Map<string, KeyGroup>()
  for (const key of keys) {
    const { base, role } = readKey(key)
    const group = groups.get(base) ?? { title: base, members: [] }
    group.members.push({ key, role })
    groups.set(base, group)
  }
  for (const { members } of groups.values()) {
    members.sort((a, b) => roleOrder.indexOf(a.role) - roleOrder.indexOf(b.role) || compareNames(a.key, b.key))
  }
  return [...groups.values()].sort((a, b) => rankTitle(a.title) - rankTitle(b.title) || compareNames(a.title, b.title))
}

function rankTitle(title: string): number {
  const rank = firstWords.findIndex((pattern) => pattern.test(title.toLowerCase()))
  return rank === -1 ? firstWords.length : rank
}

function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
