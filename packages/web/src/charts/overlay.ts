/**
 * Several jobs in one picture. Each has a feed of its own, which asks one question for all charts that are open; a picture
 * here is a picture of each feed, put together. Members come and go while pictures stand.
 */
import type { ChartFeed, ChartRequest, Picture } from './chart-data.ts'
import type { SeriesBuffer } from './series-buffer.ts'

/** A job, or one of its branches, with the place that decides its colour. */
export type OverlayMember = { id: string; name: string; place: number; feed: ChartFeed }

/** Several lines of one metric, and who each belongs to. */
export type JobsFeed = ChartFeed & {
  readonly members: readonly Pick<OverlayMember, 'name' | 'place'>[]
  /** Lines are named by whom they belong to; a job alone needs no name. */
  readonly isNamed: boolean
  find: (buffer: SeriesBuffer) => Pick<OverlayMember, 'name' | 'place'> | undefined
}

/** A picture is shown when all members have answered, at the latest so long after the first: one slow job holds up no other. */
const patienceMs = 400
/** Up to so many members have as many points as a job alone; more of them share: they are drawn over one another. */
const fullPointsMembers = 4
const pointsMin = 200

export class Overlay implements JobsFeed {
  readonly #pictures = new Set<OverlayPicture>()
  #members: readonly OverlayMember[] = []
  #places = new Map<string, OverlayMember>()

  /** That of the first member: the job over which the others lie. */
  get origin(): number {
    return this.#members[0]?.feed.origin ?? 0
  }

  get members(): readonly OverlayMember[] {
    return this.#members
  }

  get isNamed(): boolean {
    return this.#members.length > 1
  }

  /** The member that a series belongs to. */
  find({ member }: SeriesBuffer): OverlayMember | undefined {
    return this.#places.get(member)
  }

  /** Shows these from now on, also in the pictures that are open. */
  setMembers(members: readonly OverlayMember[]): void {
    this.#members = members
    this.#places = new Map(members.map((member) => [member.id, member]))
    for (const picture of this.#pictures) picture.setMembers(members)
  }

  open(request: ChartRequest): { data: Picture; close: () => void } {
    const picture = new OverlayPicture(request, this.#members)
    this.#pictures.add(picture)
    return {
      data: picture,
      close: () => {
        this.#pictures.delete(picture)
        picture.close()
      },
    }
  }
}

type Part = ReturnType<ChartFeed['open']>

class OverlayPicture implements Picture {
  onChange: (() => void) | undefined
  readonly #request: ChartRequest
  readonly #parts = new Map<ChartFeed, Part>()
  #order: readonly ChartFeed[] = []
  #isReady = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(request: ChartRequest, members: readonly OverlayMember[]) {
    this.#request = request
    this.setMembers(members)
  }

  get status(): Picture['status'] {
    if (this.#isReady) return 'ready'
    const all = this.#listStates()
    return all.length > 0 && all.every((status) => status === 'failed') ? 'failed' : 'loading'
  }

  get error(): Error | undefined {
    return [...this.#parts.values()].find(({ data }) => data.error)?.data.error
  }

  /** Series of all members, key by key, and of each key in the order of the members. */
  list(): SeriesBuffer[] {
    const { keys } = this.#request
    const all = this.#order.flatMap((feed) => this.#parts.get(feed)?.data.list() ?? [])
    return all.toSorted((one, other) => keys.indexOf(one.key) - keys.indexOf(other.key))
  }

  setMembers(members: readonly OverlayMember[]): void {
    const feeds = new Set(members.map(({ feed }) => feed))
    for (const [feed, part] of this.#parts) {
      if (feeds.has(feed)) continue
      part.close()
      this.#parts.delete(feed)
    }
    const share = Math.max(1, members.length / fullPointsMembers)
    const points = Math.max(Math.min(pointsMin, this.#request.points), Math.floor(this.#request.points / share))
    for (const feed of feeds) if (!this.#parts.has(feed)) this.#openPart(feed, points)
    this.#order = [...feeds]
    this.onChange?.()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { close } of this.#parts.values()) close()
    this.#parts.clear()
  }

  #openPart(feed: ChartFeed, points: number): void {
    const part = feed.open({ ...this.#request, points })
    part.data.onChange = () => this.#note()
    this.#parts.set(feed, part)
  }

  /** Once shown it stays: a member that comes later does not take away what is there. */
  #note(): void {
    const all = this.#listStates()
    const isAny = all.includes('ready')
    this.#isReady ||= isAny && !all.includes('loading')
    if (isAny && !this.#isReady)
      this.#timer ??= setTimeout(() => {
        this.#isReady = true
        this.onChange?.()
      }, patienceMs)
    this.onChange?.()
  }

  #listStates(): Picture['status'][] {
    return [...this.#parts.values()].map(({ data }) => data.status)
  }
}
