import type { WorkerSeat } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { WorkerRoll } from './worker-roll.ts'

let nowMs = 0
const roll = new WorkerRoll(() => nowMs)

function beat(worker: string, answered: number, tokens: number): void {
  const rest = { limit: 8, isAway: false, failed: 0, latencyMs: 1 }
  const seats: WorkerSeat[] = [
    { ...rest, engineId: 1, inFlight: 3, answered, tokens },
    { ...rest, engineId: 2, inFlight: 4, answered: 0, tokens: 0 },
  ]
  roll.note({ worker, host: 'here', leases: [{ batchId: 'b', shard: 0, epoch: 1 }], seats })
}

it('a worker is as fast as in the last half a minute, counts anew when it starts anew, and is forgotten when silent', () => {
  nowMs = 1_000_000
  beat('server-001', 100, 1_000)
  expect(roll.list()).toEqual([
    {
      name: 'server-001',
      host: 'here',
      heardAt: nowMs,
      isInServer: true,
      leases: 1,
      inFlight: 7,
      tokensPerSecond: 0,
      requestsPerSecond: 0,
    },
  ])
  nowMs += 10_000
  beat('server-001', 200, 3_000)
  beat('far', 0, 0)
  expect(roll.list()).toMatchObject([
    { name: 'far', isInServer: false },
    { name: 'server-001', requestsPerSecond: 10, tokensPerSecond: 200 },
  ])
  nowMs += 30_000
  beat('server-001', 500, 3_000)
  expect(roll.list()[1]).toMatchObject({ requestsPerSecond: 10, tokensPerSecond: 0 })
  nowMs += 10_000
  beat('server-001', 5, 50)
  expect(roll.list()[1]).toMatchObject({ requestsPerSecond: 0 })
  nowMs += 20_001
  expect(roll.list().map(({ name }) => name)).toEqual(['server-001'])
  nowMs -= 3_600_000
  expect(roll.list()).toEqual([])
})
