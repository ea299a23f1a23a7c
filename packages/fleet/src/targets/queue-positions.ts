/** Where pending jobs stand among all that wait for their partition, as Slurm sorts them. */
import type { RunOptions } from '../runs/runs.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { expandArrayId } from '../slurm/host-list.ts'
import { runSlurm } from '../slurm/run-slurm.ts'

/** It is the whole queue, of which Slurm is asked seldom. */
export const positionsMs = 60_000

export class QueuePositions {
  readonly #now: () => number
  #positions: ReadonlyMap<string, number> = new Map()
  #readAt = Number.NEGATIVE_INFINITY

  /** @param now milliseconds that never jump */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Positions by the ids of jobs, 1 is next; as they were at most a minute ago. None where the queue does not answer.
   * @throws SshError, SlurmError when the way there is broken
   */
  async read(runner: ScriptRunner, options: RunOptions & { seconds: number }): Promise<ReadonlyMap<string, number>> {
    if (this.#now() - this.#readAt < positionsMs) return this.#positions
    const words = ['squeue', '-h', '-t', 'PD', '--sort=-p,i', '-O', 'JobArrayID:|,Partition:|']
    const [answer] = await runSlurm(runner, [{ words }], { ...options, mayRepeat: true })
    this.#readAt = this.#now()
    this.#positions = answer?.code === 0 ? countPositions(answer.stdout) : new Map()
    return this.#positions
  }
}

/** One that would do with several partitions stands where it is first. */
export function countPositions(text: string): Map<string, number> {
  const waiting = new Map<string, number>()
  const positions = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [id = '', partitions = ''] = line.trim().split('|')
    const elements = /^\d/.test(id) ? expandArrayId(id) : []
    const names = elements.length === 0 ? [] : partitions.split(',')
    const before = Math.min(...names.map((name) => waiting.get(name) ?? 0))
    for (const [at, element] of elements.entries()) positions.set(element, before + at + 1)
    for (const name of names) waiting.set(name, (waiting.get(name) ?? 0) + elements.length)
  }
  return positions
}
