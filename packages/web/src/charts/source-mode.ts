/** Which sources of a metric a chart shows: ranks, hosts and GPUs may each log it. */
import { jobSource, parseSource } from '@pilothouse/contract/wire'
import type { KeyGroup } from '@pilothouse/signals'

/** `all` = a line for each, `mean` = their mean with the range between them, else one of them by its name. */
export type SourceMode = 'all' | 'mean' | (string & {})

/** What was chosen, if it is there; else the job itself, the only other source, or the mean of several. */
export function chooseMode({ sources = [jobSource] }: KeyGroup, chosen: string | undefined): SourceMode {
  const isThere = chosen !== undefined && (sources.includes(chosen) || chosen === 'all' || chosen === 'mean')
  if (isThere) return chosen
  if (sources.includes(jobSource)) return jobSource
  return sources.length > 1 ? 'mean' : (sources[0] ?? jobSource)
}

export function nameSource(text: string): string {
  const source = parseSource(text)
  switch (source.kind) {
    case 'job':
      return 'job'
    case 'rank':
      return `rank ${source.rank}`
    case 'gpu':
      return `GPU ${source.host}/${source.index}`
    case 'host':
      return source.host
    default:
      return source satisfies never
  }
}
