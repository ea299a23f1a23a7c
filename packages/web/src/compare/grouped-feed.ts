/** Groups of jobs in one picture: of each metric one line a group, the mean of its jobs. */
import type { ChartRequest, Picture } from '../charts/chart-data.ts'
import { averageJobs, type Band } from '../charts/average-jobs.ts'
import { smoothFrom } from '../charts/describe-group.ts'
import type { JobsFeed } from '../charts/overlay.ts'
import type { SeriesBuffer } from '../charts/series-buffer.ts'

/** A group with the uids of its jobs. `place` decides its colour. */
export type LineGroup = { id: string; name: string; place: number; uids: readonly string[] }

export class GroupedFeed implements JobsFeed {
  readonly isNamed = true
  readonly members: readonly LineGroup[]
  readonly #jobs: JobsFeed
  readonly #band: Band
  readonly #groups: ReadonlyMap<string, LineGroup>
  readonly #groupOfJob: ReadonlyMap<string, string>

  constructor(jobs: JobsFeed, groups: readonly LineGroup[], band: Band) {
    this.#jobs = jobs
    this.#band = band
    this.members = groups
    this.#groups = new Map(groups.map((group) => [group.id, group]))
    this.#groupOfJob = new Map(groups.flatMap(({ id, uids }) => uids.map((uid) => [uid, id] as const)))
  }

  get origin(): number {
    return this.#jobs.origin ?? 0
  }

  find({ member }: SeriesBuffer): LineGroup | undefined {
    return this.#groups.get(member)
  }

  open(request: ChartRequest): { data: Picture; close: () => void } {
    const { data, close } = this.#jobs.open(request)
    return { data: new GroupedPicture(data, (buffers) => this.#average(buffers)), close }
  }

  /** In the order of the metrics, and of each in that of the groups. */
  #average(buffers: readonly SeriesBuffer[]): SeriesBuffer[] {
    const known = buffers.filter(({ size }) => size > 0)
    const lines = [...Map.groupBy(known, ({ key, source }) => `${key}\n${source}`).values()]
    return lines.flatMap((line) => {
      const groups = Map.groupBy(line, ({ member }) => this.#groupOfJob.get(member) ?? '')
      return this.members.flatMap(({ id }) => {
        const own = groups.get(id) ?? []
        const [first] = own
        if (!first) return []
        const isLong = own.some(({ total }) => total >= smoothFrom(first.key))
        const isSmoothed = isLong && own.every((one) => one.isSmoothed)
        return [averageJobs(own, { member: id, band: this.#band, isSmoothed })]
      })
    })
  }
}

/** Averages anew when points came, not with every drawing. */
class GroupedPicture implements Picture {
  onChange: (() => void) | undefined
  readonly #data: Picture
  readonly #average: (buffers: readonly SeriesBuffer[]) => SeriesBuffer[]
  #lines: SeriesBuffer[] | undefined

  constructor(data: Picture, average: (buffers: readonly SeriesBuffer[]) => SeriesBuffer[]) {
    this.#data = data
    this.#average = average
    data.onChange = () => {
      this.#lines = undefined
      this.onChange?.()
    }
  }

  get status(): Picture['status'] {
    return this.#data.status
  }

  get error(): Error | undefined {
    return this.#data.error
  }

  list(): SeriesBuffer[] {
    return (this.#lines ??= this.#average(this.#data.list()))
  }
}
