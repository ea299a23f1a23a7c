import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { PilothouseError } from '@pilothouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchPaths } from '../batches/batch-folder.ts'
import { partFiles } from './part-files.ts'
import { WorkRoom, answerOf, failureOf, killed, parseLines } from './work.fixture.ts'

let room: WorkRoom
beforeEach(async () => {
  room = await WorkRoom.open()
})
afterEach(async () => {
  await room.close()
})

const names = (lines: readonly { custom_id: string }[]): string[] => lines.map((line) => line.custom_id).toSorted()
const expected = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${at}`).toSorted()

async function finish(worker = 'a'): Promise<void> {
  for (;;) {
    const { shard } = await room.work.lease({ worker, model: null }, new AbortController().signal)
    if (!shard) return
    await room.deliver(worker, shard)
  }
}

async function expectWhole(id: string, count: number): Promise<void> {
  const { output, error } = await room.results(id)
  expect(names([...output, ...error])).toEqual(expected(count))
  expect(new Set([...output, ...error].map((line) => line.id)).size).toBe(count)
  const row = await room.batch(id)
  expect([row.completed, row.failed]).toEqual([output.length, error.length])
}

describe('a lease', () => {
  it('has the requests that have no result yet, in the order in which they are to be sent', async () => {
    const id = await room.make({ requests: 6, maxTokens: (at) => at + 1 })
    const shard = await room.lease('a')
    expect(shard).toMatchObject({ batchId: id, shard: 0, epoch: 1, leaseMs: 30_000, endpoint: '/v1/chat/completions' })
    expect(shard.requests.map(({ at, line, customId }) => [at, line, customId])).toEqual([
      [5, 6, 'r5'],
      [4, 5, 'r4'],
      [3, 4, 'r3'],
      [2, 3, 'r2'],
    ])
    await room.work.deliver({ ...shard, worker: 'a', results: [answerOf(4)] })
    await room.work.giveBack({ worker: 'a', leases: [shard] })
    const again = await room.lease('b')
    expect(again.requests.map(({ at }) => at)).toEqual([5, 3, 2])
    expect(JSON.parse(again.requests[0]?.body ?? '')).toMatchObject({ model: 'stub', max_tokens: 6 })
  })

  it('is of the model that is wanted, and of none that is left out', async () => {
    const small = await room.make({ requests: 1, model: 'small' })
    const large = await room.make({ requests: 1, model: 'large' })
    expect((await room.lease('a', { model: 'large' })).batchId).toBe(large)
    expect((await room.lease('a', { except: ['large'] })).batchId).toBe(small)
    await expect(room.lease('a')).rejects.toThrow('nothing to lease')
  })

  it('is taken over by another worker once it is over, and the first one is refused from then on', async () => {
    const id = await room.make({ requests: 4 })
    const first = await room.lease('a')
    await expect(room.lease('b')).rejects.toThrow('nothing to lease')
    room.nowMs += 30_000
    const second = await room.lease('b')
    expect(second.epoch).toBe(2)
    expect(await room.deliver('a', first)).toBe(true)
    const { lost } = await room.work.beat({ worker: 'a', host: 'h', leases: [first], seats: [] })
    expect(lost).toMatchObject([{ batchId: id, shard: 0, epoch: 1 }])
    expect(await room.deliver('b', second)).toBe(false)
    await room.work.settle(id)
    await expectWhole(id, 4)
  })

  it('holds as long as its worker is heard of or delivers', async () => {
    await room.make({ requests: 4 })
    const shard = await room.lease('a')
    room.nowMs += 29_000
    expect(await room.work.beat({ worker: 'a', host: 'h', leases: [shard], seats: [] })).toMatchObject({ lost: [] })
    room.nowMs += 29_000
    expect((await room.work.deliver({ ...shard, worker: 'a', results: [answerOf(0)] })).isLost).toBe(false)
    room.nowMs += 29_000
    await expect(room.lease('b')).rejects.toThrow('nothing to lease')
    room.nowMs += 1_000
    expect((await room.lease('b')).requests).toHaveLength(3)
  })

  it('of a dead worker does not live longer when the clock is set back, nor does a jump forward let two deliver', async () => {
    const id = await room.make({ requests: 4, expiresMs: room.nowMs + 1e12 })
    await room.lease('dead')
    room.nowMs -= 3_600_000
    const second = await room.lease('b')
    room.nowMs += 7_200_000
    const third = await room.lease('c')
    expect(await room.deliver('b', second)).toBe(true)
    expect(await room.deliver('c', third)).toBe(false)
    await room.work.settle(id)
    await expectWhole(id, 4)
  })

  it('is waited for until there is something, or who waits has gone, or the room closes', async () => {
    const { signal } = new AbortController()
    const waiting = room.work.lease({ worker: 'a', model: null, waitMs: 20_000 }, signal)
    const id = await room.make({ requests: 1 })
    room.work.ring()
    expect((await waiting).shard?.batchId).toBe(id)
    const gone = new AbortController()
    const left = room.work.lease({ worker: 'b', model: null, waitMs: 20_000 }, gone.signal)
    gone.abort()
    expect(await left).toEqual({ shard: null })
    const closed = room.work.lease({ worker: 'c', model: null, waitMs: 20_000 }, signal)
    await room.work.close()
    expect(await closed).toEqual({ shard: null })
  })

  it('goes to the higher priority first, and of equals to the member who has fewest', async () => {
    const big = await room.make({ requests: 12, ownerId: 1 })
    const small = await room.make({ requests: 8, ownerId: 2 })
    const urgent = await room.make({ requests: 4, ownerId: 1, priority: 1 })
    const served: string[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      room.nowMs += 1
      served.push((await room.lease('a')).batchId)
    }
    // The urgent one counts among what its owner has.
    expect(served).toEqual([urgent, small, big, small, big, big])
  })

  it('of a batch whose input cannot be read does not keep others from being served', async () => {
    const broken = await room.make({ requests: 4, priority: 5 })
    appendFileSync(batchPaths(room.folder, broken).input, 'x')
    const whole = await room.make({ requests: 4 })
    const { signal } = new AbortController()
    const { shard } = await room.work.lease({ worker: 'a', model: null, waitMs: 5_000 }, signal)
    expect(shard?.batchId).toBe(whole)
    const notes = await room.ask((db) =>
      db.selectFrom('batch_log').selectAll().where('batch_id', '=', broken).execute(),
    )
    expect(notes).toMatchObject([{ level: 'error' }])
  })
})

describe('a delivery', () => {
  it('may be repeated, in part and with others, and counts once', async () => {
    const id = await room.make({ requests: 4 })
    const shard = await room.lease('a')
    const deliver = (...ats: number[]) => room.work.deliver({ ...shard, worker: 'a', results: ats.map(answerOf) })
    await deliver(0, 1)
    await deliver(0, 1)
    await deliver(1, 2, 2)
    expect(await room.batch(id)).toMatchObject({ completed: 3, input_tokens: 9, cached_tokens: 3, output_tokens: 6 })
    await Promise.all([deliver(3, 0), deliver(3, 2)])
    await room.work.settle(id)
    await expectWhole(id, 4)
    expect((await deliver(3)).isLost).toBe(true)
  })

  it('counts as use of the engines that it came from, and so do requests that are under way there', async () => {
    const used: number[] = []
    room.restart({ noteUse: (engineId) => void used.push(engineId) })
    await room.make({ requests: 4 })
    const shard = await room.lease('a')
    const results = [answerOf(0), answerOf(1), failureOf(2)].map((result, n) => ({ ...result, engineId: n && 7 }))
    await room.work.deliver({ ...shard, worker: 'a', results: [...results, { ...answerOf(3), engineId: null }] })
    expect(used).toEqual([0, 7])
    const counts = { limit: 8, isAway: false, answered: 0, failed: 0, tokens: 0, latencyMs: 1 }
    const seats = [
      { ...counts, engineId: 8, inFlight: 2 },
      { ...counts, engineId: 9, inFlight: 0 },
    ]
    await room.work.beat({ worker: 'a', host: 'here', leases: [], seats })
    expect(used).toEqual([0, 7, 8])
  })

  it('of a request that is not of the shard is refused whole', async () => {
    const id = await room.make({ requests: 8 })
    const shard = await room.lease('a')
    const wrong = room.work.deliver({ ...shard, worker: 'a', results: [answerOf(0), answerOf(7)] })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid' })
    expect(await room.batch(id)).toMatchObject({ completed: 0, output_bytes: 0 })
  })

  it('adds what the engine that answered costs', async () => {
    const prices = JSON.stringify([{ model: 'stub', inputPerMillion: 1_000_000, outputPerMillion: 500_000 }])
    await room.call('engines.create', {
      name: 'e',
      baseUrl: 'http://127.0.0.1:9',
      sealedKey: null,
      concurrencyMax: null,
      models: ['stub'],
      prices: JSON.parse(prices),
      isPaused: false,
      memberId: 1,
    })
    const id = await room.make({ requests: 2 })
    expect((await room.batch(id)).cost).toBeNull()
    await room.deliver('a', await room.lease('a'))
    expect((await room.batch(id)).cost).toBeCloseTo(2 * (3 + 1))
  })

  it('that finds the disk full loses nothing, and is taken later', async () => {
    const id = await room.make({ requests: 8 })
    let isFull = true
    const paths = batchPaths(room.folder, id)
    room.restart({
      partFiles: {
        ...partFiles,
        append: async (path, at, bytes) => {
          if (!isFull) return partFiles.append(path, at, bytes)
          await partFiles.append(path, at, bytes.subarray(0, 5))
          throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
        },
      },
    })
    const shard = await room.lease('a')
    await expect(room.deliver('a', shard)).rejects.toMatchObject({ code: 'diskFull' })
    expect(statSync(paths.output).size).toBe(0)
    expect(await room.batch(id)).toMatchObject({ completed: 0 })
    isFull = false
    expect(await room.deliver('a', shard)).toBe(false)
    await finish()
    await room.work.settle(id)
    await expectWhole(id, 8)
  })

  it('between whose writing and commit the server is killed is cut off at the next start', async () => {
    const id = await room.make({ requests: 8 })
    await room.deliver('a', await room.lease('a'))
    const second = await room.lease('a')
    const { output } = batchPaths(room.folder, id)
    const safe = readFileSync(output, 'utf8')
    room.before = (name) => {
      if (name === 'work.commit-results' || name === 'work.lengths') throw killed()
    }
    await expect(room.deliver('a', second)).rejects.toThrow('killed')
    expect(statSync(output).size).toBeGreaterThan(safe.length)
    room.restart()
    await expect.poll(() => readFileSync(output, 'utf8')).toBe(safe)
    expect(await room.deliver('a', second)).toBe(false)
    await room.work.settle(id)
    await expectWhole(id, 8)
  })

  it('whose commit was made though nobody heard of it stays', async () => {
    const id = await room.make({ requests: 4 })
    const shard = await room.lease('a')
    room.after = (name) => {
      if (name === 'work.commit-results') throw killed()
    }
    await expect(room.deliver('a', shard)).rejects.toThrow('killed')
    room.after = () => undefined
    expect(parseLines(readFileSync(batchPaths(room.folder, id).output, 'utf8'))).toHaveLength(4)
    await room.work.settle(id)
    await expectWhole(id, 4)
  })
})

describe('the end', () => {
  it('comes with the last result: files of the owner, and nothing of the folder stays', async () => {
    const id = await room.make({ requests: 10 })
    await finish()
    await room.work.settle(id)
    expect(await room.batch(id)).toMatchObject({ status: 'completed', completed: 10, failed: 0, ended_ms: room.nowMs })
    await expectWhole(id, 10)
    const { output_file_id: outputId, error_file_id: errorId } = await room.batch(id)
    expect(await room.files.find(outputId)).toMatchObject({
      ownerId: 1,
      purpose: 'batch_output',
      name: `${id}_output.jsonl`,
    })
    expect(await room.files.find(errorId)).toBeNull()
    expect(existsSync(batchPaths(room.folder, id).folder)).toBe(false)
  })

  it('of a batch whose every request fails has an error file alone, and keeps the input for another try', async () => {
    const id = await room.make({ requests: 5 })
    for (let turn = 0; turn < 2; turn += 1) await room.deliver('a', await room.lease('a'), failureOf)
    await room.work.settle(id)
    expect(await room.batch(id)).toMatchObject({ status: 'completed', completed: 0, failed: 5 })
    await expectWhole(id, 5)
    const { output, error } = await room.results(id)
    expect(output).toEqual([])
    expect(error[0]).toMatchObject({ response: { status_code: 400, body: { no: 1 } }, error: { code: 'refused' } })
    const letters = await room.ask((db) =>
      db.selectFrom('dead_letter').selectAll().where('batch_id', '=', id).execute(),
    )
    expect(letters).toHaveLength(5)
    const paths = batchPaths(room.folder, id)
    expect([paths.input, paths.index, paths.order, paths.output, paths.error].map(existsSync)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('has results in the order of the input where that is wanted, whatever the order they came in', async () => {
    const id = await room.make({
      requests: 3_000,
      shardSize: 256,
      isOrdered: true,
      maxTokens: (at) => (at * 7919) % 997,
    })
    const make = (at: number) => (at % 3 === 0 ? failureOf(at) : answerOf(at))
    const shards = await Promise.all(Array.from({ length: 12 }, () => room.lease('a')))
    for (const shard of shards.toReversed()) await room.deliver('a', shard, make)
    await room.work.settle(id)
    const { output, error } = await room.results(id)
    const ats = Array.from({ length: 3_000 }, (_, at) => at)
    expect(output.map((line) => line.custom_id)).toEqual(ats.filter((at) => at % 3 !== 0).map((at) => `r${at}`))
    expect(error.map((line) => line.custom_id)).toEqual(ats.filter((at) => at % 3 === 0).map((at) => `r${at}`))
  })

  it('by cancelling keeps what is done, and has a line for each other request', async () => {
    const untouched = await room.make({ requests: 9 })
    const begun = await room.make({ requests: 9, priority: 1 })
    const shard = await room.lease('a')
    await room.work.deliver({ ...shard, worker: 'a', results: [answerOf(0), answerOf(3)] })
    for (const id of [untouched, begun]) await room.setStatus(id, 'cancelling')
    expect(await room.deliver('a', shard)).toBe(true)
    const { lost } = await room.work.beat({ worker: 'a', host: 'h', leases: [shard], seats: [] })
    expect(lost).toHaveLength(1)
    for (const id of [untouched, begun]) await room.work.settle(id)
    for (const id of [untouched, begun]) {
      expect(await room.batch(id)).toMatchObject({ status: 'cancelled' })
      await expectWhole(id, 9)
    }
    const { output, error } = await room.results(begun)
    expect(names(output)).toEqual(['r0', 'r3'])
    expect(error.every((line) => line.error?.code === 'batch_cancelled' && line.response === null)).toBe(true)
    expect(await room.deliver('a', shard)).toBe(true)
  })

  it('comes by itself when the time is over, and what is delivered after that is not taken', async () => {
    const id = await room.make({ requests: 9, expiresMs: room.nowMs + 60_000 })
    const shard = await room.lease('a')
    await room.work.deliver({ ...shard, worker: 'a', results: [answerOf(1)] })
    room.nowMs += 60_000
    await expect(room.lease('b')).rejects.toThrow('nothing to lease')
    room.work.ring()
    await expect.poll(async () => (await room.batch(id)).status).toBe('expired')
    expect(await room.deliver('a', shard)).toBe(true)
    await expectWhole(id, 9)
    const { error } = await room.results(id)
    expect(error.every((line) => line.error?.code === 'batch_expired')).toBe(true)
  })

  it('is found by the timer of a room that was just started', async () => {
    const id = await room.make({ requests: 2, expiresMs: room.nowMs + 50 })
    room.work.start()
    room.nowMs += 50
    await expect.poll(async () => (await room.batch(id)).status).toBe('expired')
    await expectWhole(id, 2)
  })

  it('of a batch that expires while its end was under way stays an expiry when the clock is set back', async () => {
    const id = await room.make({ requests: 8, expiresMs: room.nowMs + 1_000 })
    room.nowMs += 1_000
    let commits = 0
    room.before = (name) => {
      if (name === 'work.commit-results' && (commits += 1) === 2) throw killed()
    }
    await room.work.settle(id)
    room.nowMs -= 500_000
    room.restart()
    await expect.poll(async () => (await room.batch(id)).status).toBe('expired')
    await expectWhole(id, 8)
  })
})

describe('an end that fails', () => {
  it('for want of room on the disk loses nothing, and comes later', async () => {
    const id = await room.make({ requests: 6 })
    let isFull = true
    const create: typeof room.files.create = async (...given) => {
      if (isFull) throw new PilothouseError('diskFull', 'There is no room.')
      return room.files.create(...given)
    }
    room.restart({ files: { create } })
    await finish()
    await room.work.settle(id)
    expect(await room.batch(id)).toMatchObject({ status: 'finalizing', completed: 6 })
    isFull = false
    await room.work.settle(id)
    expect(await room.batch(id)).toMatchObject({ status: 'completed' })
    await expectWhole(id, 6)
  })

  it('because the input was damaged comes all the same when the batch is cancelled', async () => {
    const id = await room.make({ requests: 6 })
    const shard = await room.lease('a')
    await room.deliver('a', shard)
    appendFileSync(batchPaths(room.folder, id).input, 'x')
    await room.setStatus(id, 'cancelling')
    await room.work.settle(id)
    expect(await room.batch(id)).toMatchObject({ status: 'cancelled', completed: 4, failed: 2 })
    const { output, error } = await room.results(id)
    expect([output.length, error.length, new Set(error.map((line) => line.id)).size]).toEqual([4, 2, 2])
  })
})

describe('a kill', () => {
  const ends = { completed: 'in_progress', cancelled: 'cancelling', expired: 'in_progress' } as const
  for (const [end, status] of Object.entries(ends) as [keyof typeof ends, 'in_progress' | 'cancelling'][])
    it(`at any step towards ${end} changes nothing of what comes out`, { timeout: 60_000 }, async () => {
      for (const when of ['before', 'after'] as const)
        for (let step = 1; ; step += 1) {
          const isOrdered = step % 2 === 0
          const id = await room.make({ requests: 10, isOrdered, expiresMs: room.nowMs + 100_000 })
          if (end === 'completed') await finish()
          else await room.work.deliver({ ...(await room.lease('a')), worker: 'a', results: [answerOf(0)] })
          if (end === 'cancelled') await room.setStatus(id, status)
          if (end === 'expired') room.nowMs += 100_000
          const isKilled = await endUntilKilled(id, when, step)
          room.restart()
          await expect.poll(async () => (await room.batch(id)).status).toBe(end)
          await expect.poll(() => existsSync(batchPaths(room.folder, id).folder)).toBe(false)
          await expectWhole(id, 10)
          if (!isKilled) break
        }
    })
})

/** Ends a batch until so many operations of the storage have begun, or were made; false: it ended before. */
async function endUntilKilled(id: string, when: 'before' | 'after', step: number): Promise<boolean> {
  let count = 0
  const die = () => {
    count += 1
    if (count >= step) throw killed()
  }
  room.restart()
  room[when] = die
  await room.work.settle(id)
  return count >= step
}
