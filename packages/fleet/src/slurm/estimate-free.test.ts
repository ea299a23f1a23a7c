import { describe, expect, it } from 'vitest'
import { computeAvailability } from './compute-availability.ts'
import { estimateFree } from './estimate-free.ts'
import { findStart } from './find-start.ts'
import { noLimits, parseFacts, writeJob, writeNode, writePartition } from './slurm.fixture.ts'

/** Nodes with 4 GPUs each of which so many are in use, and jobs with the moments at which they end. */
function estimate(
  wish: { gpus: number; nodes?: number },
  used: Record<string, number>,
  jobs: { on: string; gpus: number; ends: number | null; alloc?: string }[],
): (number | null)[] {
  const nodes = Object.entries(used).map(([name, count]) =>
    writeNode(name, { GresUsed: `gpu:a100:${count}`, State: 'MIXED' }),
  )
  const lines = jobs.map(({ on, gpus, alloc = `gres/gpu:a100=${gpus}` }) =>
    writeJob({ state: 'RUNNING', nodeList: on, alloc: `cpu=1,${alloc}` }),
  )
  const facts = parseFacts(nodes.join('\n'), writePartition('gpu'), lines.join('\n'))
  facts.at = 100
  facts.queue.forEach((job, at) => (job.endedAt = jobs[at]?.ends ?? null))
  const availability = computeAvailability(facts, noLimits)
  return findStart(facts, noLimits, wish).later.map((place) => estimateFree(facts, availability, place))
}

describe('GPUs of a place that has to wait are free', () => {
  it('when as many jobs as it takes have ended, on the node where that is first', () => {
    const jobs = [
      { on: 'n1', gpus: 2, ends: 900 },
      { on: 'n1', gpus: 2, ends: 500 },
      { on: 'n2', gpus: 4, ends: 800 },
    ]
    expect(estimate({ gpus: 4 }, { n1: 4, n2: 4 }, jobs)).toEqual([800])
    expect(estimate({ gpus: 2 }, { n1: 4, n2: 4 }, jobs)).toEqual([500])
  })

  it('when the last of several nodes is', () => {
    const jobs = [
      { on: 'n[1-2]', gpus: 8, ends: 700 },
      { on: 'n3', gpus: 4, ends: 900 },
    ]
    expect(estimate({ gpus: 8, nodes: 2 }, { n1: 4, n2: 4, n3: 4 }, jobs)).toEqual([700])
    expect(estimate({ gpus: 12, nodes: 3 }, { n1: 4, n2: 4, n3: 4 }, jobs)).toEqual([900])
  })

  it('at a moment that nobody knows when a job has no end, or nobody has them', () => {
    expect(estimate({ gpus: 4 }, { n1: 4 }, [{ on: 'n1', gpus: 4, ends: null }])).toEqual([null])
    expect(estimate({ gpus: 4 }, { n1: 4 }, [])).toEqual([null])
  })

  it('now when a job is over its limit, also where it asked for no type', () => {
    const jobs = [{ on: 'n1', gpus: 4, ends: 50, alloc: 'gres/gpu=4' }]
    expect(estimate({ gpus: 4 }, { n1: 4 }, jobs)).toEqual([100])
  })
})
