/** Workers that are launched from here, on a real server that leaves all work to them, for tests. */
import { fileURLToPath } from 'node:url'
import type { BatchOverview, LaunchedWorker, WorkerStart } from '@pilothouse/contract'
import { expect, vi } from 'vitest'
import type { LaunchWorld } from '../launches/launch-world.fixture.ts'

export const patience = { timeout: 60_000, interval: 100 }

/** The command, as this checkout has it. */
const launcher = fileURLToPath(new URL('../../../app/bin/pilothouse', import.meta.url))

export class WorkerWorld {
  readonly launches: LaunchWorld

  constructor(launches: LaunchWorld) {
    this.launches = launches
  }

  async start(body: WorkerStart): Promise<LaunchedWorker[]> {
    const { status, json } = await this.ask({ command: [launcher, 'worker', '--json'], ...body })
    expect([status, json]).toEqual([200, expect.anything()])
    return (json as { workers: LaunchedWorker[] }).workers // what this route answers with
  }

  ask(body: WorkerStart) {
    return this.launches.ask('/api/workers', { method: 'POST', body })
  }

  async list(): Promise<LaunchedWorker[]> {
    return ((await this.launches.ask('/api/workers')).json as { workers: LaunchedWorker[] }).workers // as above
  }

  /** Those that the control room has heard of. */
  async heard(): Promise<BatchOverview['workers']> {
    return ((await this.launches.ask('/api/batches/overview')).json as BatchOverview).workers // as above
  }

  async untilHeard(names: readonly string[]): Promise<void> {
    await vi.waitFor(async () => {
      const heard = await this.heard()
      const states = await Promise.all((await this.list()).map(({ jobUid }) => this.launches.job(jobUid)))
      const found = {
        names: heard.map(({ name }) => name),
        errors: states.flatMap(({ error }) => error?.message ?? []),
      }
      expect(found).toEqual({ names, errors: [] })
    }, patience)
  }

  /** Cancels their jobs; resolves when none is left. */
  async stop(): Promise<void> {
    for (const { jobUid } of await this.list()) await this.launches.order(jobUid, 'cancel')
    await vi.waitFor(async () => expect(await this.list()).toEqual([]), patience)
  }
}
