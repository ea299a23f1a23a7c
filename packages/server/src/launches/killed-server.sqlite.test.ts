/** The server is killed in the middle of each step: a new one finds what was launched, and each job runs once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Job,
  type Launch,
  type Launched,
  type LaunchStepName,
  launchSteps,
  type Project,
} from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import { type Far, lasting, startFar, untilUnderWay } from './bad-luck.fixture.ts'

let far: Far
let yard: GitYard
let room: ControlRoom
let dataFolder: string
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'pilothouse-killed-'))
  far = await startFar()
  yard = openGitYard()
  writeFileSync(join(dataFolder, 'clusters.yaml'), far.clusters)
  room = await ControlRoom.open({ dataFolder, environment: { PILOTHOUSE_PROJECT_ROOTS: yard.root } })
})
afterAll(async () => {
  await room.close()
  await far.stop()
  yard.close()
  rmSync(dataFolder, { recursive: true })
})

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  return JSON.parse(await room.ask(path, body)) as Answer // as routes.ts says
}

it('each goes on from where it was, and is started once', async () => {
  const place = yard.makeRepository('model')
  yard.write('model/run.sh', lasting)
  yard.write('model/data.txt', 'a line\n'.repeat(50_000))
  yard.git(place, 'add', '-A')
  yard.git(place, 'commit', '--quiet', '--message=all of it')
  const project = await ask<Project & { id: number }>('/api/projects', { place })
  const launched = new Map<LaunchStepName, string>()
  for (const step of launchSteps) {
    const spec = { project: project.id, target: step, command: ['sh', 'run.sh', 'go'] }
    const { jobs } = await ask<Launched>('/api/launches', { spec })
    const uid = jobs[0]?.uid ?? ''
    launched.set(step, uid)
    await untilUnderWay(() => ask<Launch>(`/api/jobs/${uid}/launch`), step)
    await room.kill()
    await room.start()
  }
  far.go('go')
  for (const [step, uid] of launched) {
    const job = await vi.waitFor(
      async () => {
        const found = await ask<Job>(`/api/jobs/${uid}`)
        expect(found).toMatchObject({ state: 'completed', error: null })
        return found
      },
      { timeout: 60_000, interval: 100 },
    )
    expect(job.attempts, step).toHaveLength(1)
    const { steps } = await ask<Launch>(`/api/jobs/${uid}/launch`)
    expect(
      steps.map(({ state }) => state),
      step,
    ).toEqual(launchSteps.map(() => 'done'))
    expect((await room.ask(`/api/jobs/${uid}/logs/text`)).trim(), step).toBe('first\nlast')
    expect(far.begun(uid), step).toHaveLength(1)
    await vi.waitFor(() => expect(far.findHalves(step, uid), step).toEqual([]))
  }
})
