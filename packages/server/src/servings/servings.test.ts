/** Engines that are started from here: real processes on this machine. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { LaunchWorld } from '../launches/launch-world.fixture.ts'
import { isAlive, patience, quickServing, ServingWorld, writeEngine } from './serving-world.fixture.ts'

let world: ServingWorld
let launches: LaunchWorld
let clockMs = 0
beforeEach(async () => {
  clockMs = 0
  launches = await LaunchWorld.open({}, { servingTimes: quickServing, now: () => Date.now() + clockMs })
  world = new ServingWorld(launches)
})
afterEach(() => launches.close())

it('an engine is started, made known when it answers, and gone with its process when it is stopped', async () => {
  const started = await world.start({ modelName: 'small' })
  expect(started).toMatchObject({ name: 'plain', modelName: 'small', state: 'starting', engineId: null })
  const ready = await world.until(started.id, 'ready')
  expect(ready.trouble).toBeNull()
  const engine = await vi.waitFor(async () => {
    const [found] = await world.engines()
    expect(found).toMatchObject({ id: ready.engineId, models: ['small'], health: { state: 'healthy' } })
    return found
  }, patience)
  const serving = { id: started.id, jobUid: null, checkpointId: null }
  expect(engine).toMatchObject({ name: 'plain', hasKey: true, serving })
  expect(engine?.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:[2-5]\d{4}$/)
  expect((await world.ask('/v1/models')).json).toMatchObject({ data: [{ id: 'small' }] })
  expect((await world.ask(`/api/engines/${engine?.id ?? 0}`, 'DELETE')).status).toBe(409)
  const pid = await world.pid(ready.jobUid)
  expect(isAlive(pid)).toBe(true)
  expect(await world.stop(started.id)).toMatchObject({ state: 'stopping', engineId: null })
  expect(await world.engines()).toEqual([])
  expect(await world.until(started.id, 'stopped')).toMatchObject({
    trouble: null,
    endedAt: expect.any(Number) as number,
  })
  expect((await launches.job(ready.jobUid)).state).toBe('cancelled')
  expect(isAlive(pid)).toBe(false)
  expect(await world.stop(started.id)).toMatchObject({ state: 'stopped' })
})

it('its key is in its run folder and nowhere that is shown', async () => {
  const started = await world.start({ command: [...writeEngine(), '--key={key}'] })
  const { jobUid } = await world.until(started.id, 'ready')
  const launch = await launches.look(jobUid)
  const environment = await readFile(`${launch.folder ?? ''}/environment`, 'utf8')
  const key = /PILOTHOUSE_ENGINE_KEY='?([\w-]{43})/.exec(environment)?.[1] ?? ''
  expect(key).toHaveLength(43)
  const shown = await Promise.all(
    [`/api/jobs/${jobUid}`, `/api/jobs/${jobUid}/launch`, `/api/jobs/${jobUid}/logs/text`, '/api/servings'].map(
      async (path) => (await world.ask(path)).text,
    ),
  )
  for (const text of shown) expect(text).not.toContain(key)
  expect(JSON.stringify(await world.engines())).not.toContain(key)
})

it('one that fails says the last that it printed, and is no engine', async () => {
  const { id } = await world.start({ command: writeEngine('fail') })
  expect(await world.until(id, 'failed')).toMatchObject({ trouble: 'the weights are torn', readyAt: null })
  expect(await world.engines()).toEqual([])
  expect((await world.start()).id).toBeGreaterThan(id)
})

it('one that never answers is ended, with what it printed', async () => {
  const { id } = await world.start({ command: writeEngine('mute') })
  await vi.waitFor(async () => expect((await world.look(id)).trouble).toContain('Nothing listens'), patience)
  await launches.untilLog((await world.look(id)).jobUid, 'serving plain mute')
  clockMs = 3_600_001
  const failed = await world.until(id, 'failed')
  expect(failed.trouble).toBe('It did not answer within 60 minutes. The last that it printed: serving plain mute')
  expect((await launches.job(failed.jobUid)).state).toBe('cancelled')
})

it('an engine whose name is taken, whose checkpoint is elsewhere, or that has no command is not started', async () => {
  await world.start()
  const body = { target: 'local', kind: 'custom', command: ['true'], model: { path: '/m' } }
  const refuse = async (more: object): Promise<unknown> =>
    (await world.ask('/api/servings', 'POST', { ...body, ...more })).json
  expect(await refuse({ name: 'plain' })).toMatchObject({ error: { code: 'conflict', field: 'name' } })
  expect(await refuse({ command: undefined })).toMatchObject({ error: { code: 'invalid', field: 'command' } })
  expect(await refuse({ target: 'nowhere' })).toMatchObject({ error: { code: 'invalid', field: 'target' } })
  expect(await refuse({ environment: { PILOTHOUSE_ENGINE_KEY: 'x' } })).toMatchObject({ error: { code: 'invalid' } })
  expect(await refuse({ model: { jobUid: 'nobody', checkpointId: 1 } })).toMatchObject({ error: { code: 'notFound' } })
})

it('a port that is taken is left for another one', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  // Its first try gets the port that is taken; the next ones what is chosen.
  const engine = writeEngine().map((word) =>
    word === '{port}' ? '"$port"' : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  )
  const script = `if mkdir ../first-${port ?? 0} 2>/dev/null; then port=${port ?? 0}; else port={port}; fi; exec ${engine.join(' ')}`
  const started = await world.start({ command: ['sh', '-c', script] })
  const ready = await world.until(started.id, 'ready')
  expect(ready.jobUid).not.toBe(started.jobUid)
  expect((await launches.job(started.jobUid)).state).toBe('failed')
  expect(await launches.log(started.jobUid)).toContain('Address already in use')
  taken.close()
})

it('an engine that nobody uses for long is stopped', async () => {
  const { id } = await world.start({ idleMinutes: 10 })
  await world.until(id, 'ready')
  clockMs = 9 * 60_000
  expect((await world.look(id)).state).toBe('ready')
  clockMs = 11 * 60_000
  expect(await world.until(id, 'stopped')).toMatchObject({ trouble: 'Nobody had used it for 10 minutes.' })
})

it('one that has work is used, by what it tells of itself', async () => {
  const { id } = await world.start({ idleMinutes: 10, command: writeEngine('busy') })
  const { engineId } = await world.until(id, 'ready')
  await world.ask(`/api/engines/${engineId ?? 0}/check`, 'POST')
  await vi.waitFor(async () => expect((await world.look(id)).usedAt).not.toBeNull(), patience)
  clockMs = 9 * 60_000
  const later = Date.now() + clockMs
  await vi.waitFor(async () => expect((await world.look(id)).usedAt).toBeGreaterThan(later - 1), patience)
  clockMs = 18 * 60_000
  await vi.waitFor(async () => expect((await world.look(id)).usedAt).toBeGreaterThan(later + 60_000), patience)
  expect((await world.look(id)).state).toBe('ready')
})

it('one at which a worker has requests is used, though it tells nothing of itself', async () => {
  const { id } = await world.start({ idleMinutes: 10 })
  const { engineId } = await world.until(id, 'ready')
  const counts = { inFlight: 1, limit: 8, isAway: false, answered: 0, failed: 0, tokens: 0, latencyMs: 1 }
  clockMs = 9 * 60_000
  const seats = [{ engineId: engineId ?? 0, ...counts }]
  await world.ask('/api/work/beat', 'POST', { worker: 'far', host: 'node-1', leases: [], seats })
  await vi.waitFor(async () => expect((await world.look(id)).usedAt).not.toBeNull(), patience)
  clockMs = 18 * 60_000
  expect((await world.look(id)).state).toBe('ready')
  clockMs = 20 * 60_000
  expect(await world.until(id, 'stopped')).toMatchObject({ trouble: 'Nobody had used it for 10 minutes.' })
})

it('an engine whose job is cancelled is none any more', async () => {
  const { id } = await world.start()
  const { jobUid } = await world.until(id, 'ready')
  await launches.order(jobUid, 'cancel')
  expect(await world.until(id, 'stopped')).toMatchObject({ trouble: 'Its job was cancelled.', engineId: null })
  expect(await world.engines()).toEqual([])
})
