/**
 * Several jobs in one picture. Each has a feed of its own, which asks one question for all charts that are open; a picture
 * here is a picture of each feed, put together. Members come and go while pictures stand.
 */
import type { XAxis } from '@pilothouse/contract'
import type { ChartFeed, ChartRequest, Picture } from './chart-data.ts'
import type { SeriesBuffer } from './series-buffer.ts'

/** A job, or one of its branches, with the place that decides its colour. */
export type OverlayMember = {
  id: string
  name: string
  place: number
  feed: ChartFeed
  /** Another branch of the same job: it lies behind, and is no job of its own. */
  isFaint?: boolean
}

type Whose = Pick<OverlayMember, 'name' | 'place' | 'isFaint'>

/** Several lines of one metric, and who each belongs to. */
export type JobsFeed = ChartFeed & {
  readonly members: readonly Whose[]
  /** Lines are named by whom they belong to; a job alone needs no name. */
  readonly isNamed: boolean
  find: (buffer: SeriesBuffer) => Whose | undefined
}

/** A picture is shown when all members have answered, at the latest so long after the first: one slow job holds up no other. */
const patienceMs = 400
/** Up to so many members have as many points as a job alone; more of them share: they are drawn over one another. */
const fullPointsMembers = 4
const pointsMin = 200

export class Overlay implements JobsFeed {
  readonly #pictures = new Set<OverlayPicture>()
  readonly #listeners = new Set<() => void>()
  #heard: { feed: ChartFeed; undo: (() => void) | undefined } | undefined
  #members: readonly OverlayMember[] = []
  #places = new Map<string, OverlayMember>()

  /** That of the first member: the job over which the others lie. */
  get origin(): number {
    return this.#members[0]?.feed.origin ?? 0
  }

  newest = (x: XAxis): number | undefined => this.#members[0]?.feed.newest?.(x)

  subscribeLatest = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    this.#listen()
    return () => {
      this.#listeners.delete(listener)
      this.#listen()
    }
  }

  /** Listens to the first member while anybody wants to know. */
  #listen(): void {
    const feed = this.#listeners.size > 0 ? this.#members[0]?.feed : undefined
    if (feed === this.#heard?.feed) return
    this.#heard?.undo?.()
    this.#heard = feed && { feed, undo: feed.subscribeLatest?.(() => this.#listeners.forEach((tell) => tell())) }
  }

  get members(): readonly OverlayMember[] {
    return this.#members
  }

  get isNamed(): boolean {
    return this.#members.filter(({ isFaint }) => !isFaint).length > 1
  }

  /** The member that a series belongs to. */
  find({ member }: SeriesBuffer): OverlayMember | undefined {
    return this.#places.get(member)
  }

  /** Shows these from now on, also in the pictures that are open. */
  setMembers(members: readonly OverlayMember[]): void {
    this.#members = members
    this.#places = new Map(members.map((member) => [member.id, member]))
    this.#listen()
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

type Part = ReturnType<ChartFeed['open']> & { points: number }

/** Points of each of so many members. It changes at 4, 8, 16 and 32 of them, so that not every one that joins asks anew. */
function sharePoints(points: number, members: number): number {
  const share = 2 ** Math.ceil(Math.log2(Math.max(1, members / fullPointsMembers)))
  return Math.max(Math.min(pointsMin, points), Math.floor(points / share))
}

class OverlayPicture implements Picture {
  onChange: (() => void) | undefined
  readonly #request: ChartRequest
  readonly #parts = new Map<ChartFeed, Part>()
  /** The same parts with another number of points, shown once they have come. */
  readonly #coming = new Map<ChartFeed, Part>()
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
      this.#drop(feed)
    }
    const points = sharePoints(this.#request.points, members.length)
    for (const feed of feeds) this.#ask(feed, points)
    this.#order = [...feeds]
    this.onChange?.()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const { close } of [...this.#parts.values(), ...this.#coming.values()]) close()
    this.#parts.clear()
    this.#coming.clear()
  }

  #ask(feed: ChartFeed, points: number): void {
    const shown = this.#parts.get(feed)
    if ((this.#coming.get(feed) ?? shown)?.points === points) return
    this.#drop(feed)
    if (shown?.points === points) return
    const part = { ...feed.open({ ...this.#request, points }), points }
    if (shown) this.#coming.set(feed, part)
    else this.#parts.set(feed, part)
    part.data.onChange = () => {
      if (this.#coming.get(feed) === part) this.#replace(feed, part)
      else this.#note()
    }
  }

  /** What is shown stays until as much is there with the new number of points. */
  #replace(feed: ChartFeed, part: Part): void {
    if (part.data.status !== 'ready') return
    this.#parts.get(feed)?.close()
    this.#parts.set(feed, part)
    this.#coming.delete(feed)
    this.#note()
  }

  #drop(feed: ChartFeed): void {
    this.#coming.get(feed)?.close()
    this.#coming.delete(feed)
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
