/** The bound on how many series a job has. A key without room is left out of its report; known ones go on. */
import { type PointBlock, limits } from '@pilothouse/contract'
import type { SeriesStore } from '@pilothouse/series'

const words = `The job has ${limits.jobSeriesMax} metrics, more are not taken; put what counts up into \`step\`, not into the key.`

export type AdmittedPoints = {
  blocks: readonly PointBlock[]
  /** Names of series that the blocks make. */
  made: ReadonlySet<string>
  /** What found no room, in words. */
  leftOut: readonly string[]
}

/** Series of jobs, as the store has them and as the reports of one commit add to them. */
export class SeriesBound {
  readonly #store: SeriesStore
  readonly #made = new Map<number, Set<string>>()

  constructor(store: SeriesStore) {
    this.#store = store
  }

  /** What of the points of a job has room. Nothing is counted before `claim`. */
  async admit({ id, branch }: { id: number; branch: number }, blocks: readonly PointBlock[]): Promise<AdmittedPoints> {
    const before = this.#made.get(id)
    const made = new Set<string>()
    const admitted: PointBlock[] = []
    let isFull = false
    for (const block of blocks) {
      const { series, missing } = await this.#store.survey({
        group: id,
        branch,
        source: block.source,
        keys: block.keys,
      })
      const refused = new Set<string>()
      for (const key of missing) {
        const name = `${block.source.length}:${block.source}${key}`
        if (before?.has(name)) continue
        if (made.has(name) || series + (before?.size ?? 0) + made.size < limits.jobSeriesMax) made.add(name)
        else refused.add(key)
      }
      isFull ||= refused.size > 0
      admitted.push(refused.size === 0 ? block : omitKeys(block, refused))
    }
    return { blocks: admitted.filter(({ keys }) => keys.length > 0), made, leftOut: isFull ? [words] : [] }
  }

  /** The admitted points will be stored with this commit. */
  claim({ id }: { id: number }, { made }: AdmittedPoints): void {
    if (made.size === 0) return
    const all = this.#made.get(id) ?? new Set<string>()
    this.#made.set(id, all)
    for (const name of made) all.add(name)
  }
}

function omitKeys(block: PointBlock, refused: ReadonlySet<string>): PointBlock {
  const kept = block.keys.flatMap((key, at) => (refused.has(key) ? [] : [at]))
  return {
    ...block,
    keys: kept.flatMap((at) => block.keys[at] ?? []),
    values: kept.map((at) => block.values[at] ?? []),
  }
}
