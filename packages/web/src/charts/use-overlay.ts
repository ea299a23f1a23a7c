import { useEffect, useMemo, useState } from 'react'
import type { JobCard } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices, type Services } from '../app/services.ts'
import type { ChartFeed } from './chart-data.ts'
import { JobFeed } from './job-feed.ts'
import { Overlay, type OverlayMember } from './overlay.ts'

/** A job in an overlay; a card, a job or a row of a list has what is needed. */
export type OverlayJob = Pick<JobCard, 'uid' | 'name' | 'state' | 'startedAt' | 'createdAt'> & {
  /** Decides the colour: the same number, the same colour everywhere on the page. */
  place: number
  /** Absent = the current one. */
  branch?: number | undefined
  /** It lies behind the others: another branch of the same job. */
  isFaint?: boolean
  /** The feed that the page has of this job anyway; it stays the caller's. */
  feed?: ChartFeed
}

/** Jobs in one picture, live where they still run, for as long as the component is on the page. */
export function useOverlay(jobs: readonly OverlayJob[], paused: boolean): Overlay {
  const services = useServices()
  const [overlay] = useState(() => new Overlay())
  const feeds = useMemo(() => new OverlayFeeds(services), [services])
  useEffect(() => {
    overlay.setMembers(jobs.map((job) => feeds.take(job)))
    feeds.closeOthers(jobs)
  }, [overlay, feeds, jobs])
  useEffect(() => {
    feeds.setPaused(paused)
  }, [feeds, paused])
  useEffect(() => () => feeds.closeOthers([]), [feeds])
  return overlay
}

type Kept = { feed: JobFeed; isLive: boolean }

/** The feeds of the members, each made when its job comes and closed when it goes. */
class OverlayFeeds {
  readonly #services: Services
  readonly #kept = new Map<string, Kept>()
  #paused = false

  constructor(services: Services) {
    this.#services = services
  }

  take(job: OverlayJob): OverlayMember {
    const { name, place, isFaint = false } = job
    const id = idOf(job)
    if (job.feed) return { id, name, place, isFaint, feed: job.feed }
    const { feed } = this.#keep(id, job)
    feed.origin = job.startedAt ?? job.createdAt
    return { id, name, place, isFaint, feed }
  }

  closeOthers(jobs: readonly OverlayJob[]): void {
    const wanted = new Set(jobs.filter(({ feed }) => !feed).map(idOf))
    for (const [id, { feed }] of this.#kept) {
      if (wanted.has(id)) continue
      feed.close()
      this.#kept.delete(id)
    }
  }

  setPaused(paused: boolean): void {
    this.#paused = paused
    for (const { feed } of this.#kept.values()) {
      if (paused) feed.pause()
      else feed.resume()
    }
  }

  #keep(id: string, { uid, branch, state }: OverlayJob): Kept {
    const isLive = !isEnded(state)
    const known = this.#kept.get(id)
    if (known && (known.isLive || !isLive)) {
      // The last points of a run may be stored after its last event: one more look when it ends.
      if (known.isLive && !isLive) known.feed.refresh()
      known.isLive &&= isLive
      return known
    }
    // A job that has ended and goes on again is listened to from now on.
    known?.feed.close()
    const kept = { feed: new JobFeed({ ...this.#services, uid, branch, member: id, isLive }), isLive }
    if (this.#paused) kept.feed.pause()
    this.#kept.set(id, kept)
    return kept
  }
}

/** As overlay-places.ts writes it. The job whose own feed is used is the one without a name of its own. */
function idOf({ uid, branch, feed }: OverlayJob): string {
  if (feed) return ''
  return branch === undefined ? uid : `${uid}@${branch}`
}
