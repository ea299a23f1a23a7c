/** Runs at Weights & Biases that a log names, as `wandb: 🚀 View run at https://wandb.ai/entity/project/runs/id`. */
import { toWandbApi } from '@pilothouse/contract/wire'

/** `baseUrl` is that of the API. */
export type WandbRunPlace = { baseUrl: string; entity: string; project: string; run: string }

const part = String.raw`[^\s/?#"'<>\\\u001b]{1,256}`
const pattern = new RegExp(
  String.raw`(https?://[^\s/?#@"'<>\\\u001b]{1,256})/(${part})/(${part})/runs/([\w-]+(?:\.[\w-]+)*)`,
  'u',
)

/** The run that a line names; undefined without one. An address of a server of one's own counts on lines of W&B only. */
export function findWandbRun(line: string): WandbRunPlace | undefined {
  if (!line.includes('/runs/')) return undefined
  const found = pattern.exec(line)
  if (!found) return undefined
  const [, origin = '', entity = '', project = '', run = ''] = found
  if (!URL.canParse(origin)) return undefined
  const { hostname } = new URL(origin)
  const isKnown = /(^|\.)wandb\.(ai|io)$/.test(hostname) || /\bwandb\b/.test(line.slice(0, found.index))
  const names = [entity, project, run].map(decode)
  if (!isKnown || names.includes('')) return undefined
  return { baseUrl: toWandbApi(origin), entity: names[0] ?? '', project: names[1] ?? '', run: names[2] ?? '' }
}

/** Empty for what cannot be decoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
