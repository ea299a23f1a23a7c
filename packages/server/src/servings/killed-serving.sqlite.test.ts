/** The server is killed while engines that it has started begin, answer and stop: a new one goes on with each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, Serving } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import { isAlive, patience, writeEngine } from './serving-world.fixture.ts'

let room: ControlRoom
let dataFolder: string
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'pilothouse-serving-'))
  room = await ControlRoom.open({ dataFolder })
})
afterAll(async () => {
  await room.close()
  rmSync(dataFolder, { recursive: true })
})

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  return JSON.parse(await room.ask(path, body)) as Answer // as routes.ts says
}

async function killAndStart(): Promise<void> {
  await room.kill()
  await room.start()
}

async function look(id: number): Promise<Serving | undefined> {
  const { servings } = await ask<{ servings: Serving[] }>('/api/servings')
  return servings.find((one) => one.id === id)
}

const until = (id: number, state: Serving['state']): Promise<Serving | undefined> =>
  vi.waitFor(async () => {
    const found = await look(id)
    expect(found).toMatchObject({ state })
    return found
  }, patience)

it('each goes on, is one engine, and none runs that is not listed', async () => {
  const what = { kind: 'custom', command: writeEngine(), model: { path: '/models/plain' }, target: 'local' }
  const { id } = await ask<Serving>('/api/servings', { ...what, name: 'plain' })
  await killAndStart()
  const ready = await until(id, 'ready')
  await killAndStart()
  await vi.waitFor(async () => {
    const { engines } = await ask<{ engines: Engine[] }>('/api/engines')
    expect(engines).toMatchObject([{ id: ready?.engineId, name: 'plain', health: { state: 'healthy' } }])
  }, patience)
  expect(await look(id)).toEqual(ready)
  const log = await room.ask(`/api/jobs/${ready?.jobUid ?? ''}/logs/text`)
  const pid = Number(/pid (\d+)/.exec(log)?.[1])
  expect(isAlive(pid)).toBe(true)
  await ask(`/api/servings/${id}/stop`, {})
  await killAndStart()
  await until(id, 'stopped')
  expect(isAlive(pid)).toBe(false)
  expect(await ask('/api/engines')).toEqual({ engines: [] })
})
