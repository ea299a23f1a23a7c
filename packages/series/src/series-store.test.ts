import { PilothouseError } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { Grid } from './buckets.ts'
import { bucketExactly, type NaivePoint, sortInRange } from './naive-store.fixture.ts'
import { makeBlock, TemporaryStore } from './temporary-store.fixture.ts'
import type { SeriesBlock, SeriesBuckets, SeriesQuery, SeriesStore } from './types.ts'

const loss = { group: 1, branch: 0, source: 'job', keys: ['loss'] }

async function queryOne(store: SeriesStore, part: Partial<SeriesQuery> = {}): Promise<SeriesBuckets> {
  const [answer] = await store.query({ selectors: [loss], x: 'step', points: 1000, ...part })
  return answer!
}

async function listValues(store: SeriesStore, group = 1): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {}
  for await (const { key, values } of store.export([{ group, branch: 0, source: '*' }])) {
    found[key] = [...(found[key] ?? []), ...values]
  }
  return found
}

const countRows = async ({ database }: TemporaryStore, table: string) =>
  Number((await database.all(`select count(*) as n from ${table}`))[0]?.['n'])

describe('appending', () => {
  it('shows points only after apply, numbered in order of arrival', async () => {
    await using temporary = await TemporaryStore.open()
    const { database, store } = temporary
    const staged = await database.transaction(() => store.stage([makeBlock(3, { keys: ['loss', 'lr'] }), makeBlock(2)]))
    expect(await store.query({ selectors: [loss], x: 'step', points: 10 })).toEqual([])
    expect(staged.apply().map(({ from }) => from)).toEqual([[0, 0], [3]])
    expect((await queryOne(store)).total).toBe(5)
    expect(() => staged.apply()).toThrow(/once/)
  })

  it('forgets a rolled back append, and the series that it would have made', async () => {
    await using temporary = await TemporaryStore.open()
    const { database, store } = temporary
    const failing = database.transaction(async () => {
      await store.stage([makeBlock(3, { keys: ['loss', 'never'] })])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect((await temporary.append([makeBlock(2)]))[0]).toEqual([0])
    await temporary.reopen()
    expect(Object.keys(await listValues(temporary.store))).toEqual(['loss'])
  })

  it('lets several appends of one transaction make the same series', async () => {
    await using temporary = await TemporaryStore.open()
    const { database, store } = temporary
    const [one, other] = await database.transaction(async () => [
      await store.stage([makeBlock(2)]),
      await store.stage([makeBlock(3)]),
    ])
    expect([one.apply()[0]?.from, other.apply()[0]?.from]).toEqual([[0], [2]])
    await temporary.reopen()
    expect((await queryOne(temporary.store)).total).toBe(5)
    expect((await temporary.store.statistics()).series).toBe(1)
  })

  it('refuses columns of different lengths and steps that are no numbers', async () => {
    await using temporary = await TemporaryStore.open()
    const uneven = temporary.append([{ ...makeBlock(3), values: [[1, 2]] }])
    await expect(uneven).rejects.toMatchObject({ code: 'invalid' })
    const odd = temporary.append([{ ...makeBlock(2), steps: [0, Number.NaN] }])
    await expect(odd).rejects.toMatchObject({ code: 'invalid', field: 'steps[1]' })
  })

  it('answers an empty block with the numbers that would come next', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(2)])
    expect(await temporary.append([makeBlock(0, { keys: ['loss', 'new'] })])).toEqual([[2, 0]])
    expect((await temporary.store.statistics()).series).toBe(1)
  })

  it('answers an empty block behind the one that makes its series with the number that comes next', async () => {
    await using temporary = await TemporaryStore.open()
    expect(await temporary.append([makeBlock(2), makeBlock(0), makeBlock(3)])).toEqual([[0], [2], [2]])
  })

  it('keeps keys apart that share x columns for a while only', async () => {
    await using temporary = await TemporaryStore.open()
    const blocks = [
      makeBlock(40, { keys: ['a', 'b', 'c'] }),
      makeBlock(40, { keys: ['a', 'b'], from: 40 }),
      makeBlock(40, { keys: ['a', 'c'], from: 80 }),
      makeBlock(40, { keys: ['b', 'c'], from: 200 }),
    ]
    for (const block of blocks) await temporary.append([block])
    const steps: Record<string, number[]> = {}
    for await (const run of temporary.store.export([{ group: 1, branch: 0, source: 'job' }]))
      steps[run.key] = [...run.steps]
    const range = (from: number) => Array.from({ length: 40 }, (_, row) => from + row)
    expect(steps).toEqual({
      a: [...range(0), ...range(40), ...range(80)],
      b: [...range(0), ...range(40), ...range(200)],
      c: [...range(0), ...range(80), ...range(200)],
    })
  })
})

describe('selecting', () => {
  it('knows exact sources, prefixes and all, and keeps the order of keys', async () => {
    await using temporary = await TemporaryStore.open()
    const sources = ['job', 'gpu:a/0', 'gpu:a/1', 'host:a']
    await temporary.append(sources.map((source) => makeBlock(1, { source, keys: ['x', 'y'] })))
    const list = async (source: string, keys?: string[]) => {
      const selector = { group: 1, branch: 0, source, ...(keys ? { keys } : {}) }
      return (await temporary.store.latest([selector])).map((one) => `${one.source} ${one.key}`)
    }
    expect(await list('job', ['y', 'x', 'z'])).toEqual(['job y', 'job x'])
    expect(await list('gpu:*', ['x'])).toEqual(['gpu:a/0 x', 'gpu:a/1 x'])
    expect((await list('*')).length).toBe(8)
    expect(await list('gpu:a')).toEqual([])
    expect(await temporary.store.latest([{ group: 99, branch: 0, source: '*' }])).toEqual([])
  })

  it('reads a branch behind its ancestors, each up to its fork', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([
      makeBlock(1500),
      makeBlock(100, { branch: 1, from: 1001 }),
      makeBlock(3, { keys: ['old'] }),
    ])
    await temporary.maintainAll()
    const selectors = [
      { group: 1, branch: 0, source: '*', stepMax: 1000 },
      { group: 1, branch: 1, source: '*' },
    ]
    for (const x of ['step', 'time'] as const) {
      const [answer, old] = await temporary.store.query({ selectors, x, points: 5000 })
      expect(answer).toMatchObject({ branch: 1, key: 'loss', total: 100, count: 1101 })
      expect(answer!.x.length).toBe(1101)
      expect(old).toMatchObject({ branch: 1, key: 'old', total: 0, count: 3 })
    }
  })
})

describe('querying a long series', () => {
  const naive = (block: SeriesBlock): NaivePoint[] =>
    Array.from(block.steps, (step, row) => ({
      step,
      time: block.times[row]!,
      epoch: Number.NaN,
      value: block.values[0]![row]!,
    }))

  it.each([
    ['blocks', 400_000, 1_000],
    ['chunks', 400_000, 20],
  ])('displaces no point further than to the part before its own (%s)', async (_, rows, points) => {
    await using temporary = await TemporaryStore.open()
    const block = makeBlock(rows)
    await temporary.append([block])
    await temporary.maintainAll()
    const answer = await queryOne(temporary.store, { points })
    const grid = new Grid(0, rows - 1, points)
    expect(answer.n.reduce((sum, n) => sum + n, 0)).toBe(rows)
    expect(answer.x.length).toBe(points)
    answer.x.forEach((x, bucket) => {
      expect(grid.find(x) - bucket, `first of ${bucket}`).toBeGreaterThanOrEqual(0)
      expect(grid.find(answer.xLast[bucket]!) - bucket, `last of ${bucket}`).toBeLessThanOrEqual(1)
      if (bucket > 0) expect(x).toBeGreaterThan(answer.xLast[bucket - 1]!)
    })
  })

  it('cuts exactly where a restart makes stretches of x overlap', async () => {
    await using temporary = await TemporaryStore.open()
    const blocks = [makeBlock(60_000), makeBlock(60_000, { from: 30_000 })]
    for (const block of blocks) await temporary.append([block])
    await temporary.maintainAll()
    const answer = await queryOne(temporary.store, { points: 100 })
    const exact = bucketExactly(sortInRange(blocks.flatMap(naive), { x: 'step' }), 100)
    const overlap = exact
      .map(({ x, xLast }, at) => ({ x, xLast, at }))
      .filter(({ x, xLast }) => x > 31_000 && xLast < 59_000)
    expect(overlap.length).toBeGreaterThan(20)
    for (const { at } of overlap) {
      expect([answer.x[at], answer.xLast[at], answer.n[at], answer.min[at], answer.max[at]]).toEqual([
        exact[at]!.x,
        exact[at]!.xLast,
        exact[at]!.n,
        exact[at]!.min,
        exact[at]!.max,
      ])
    }
  })

  it('opens by pages of outlines, and answers the same', async () => {
    await using temporary = await TemporaryStore.open()
    for (let from = 0; from < 150_000; from += 50_000) await temporary.append([makeBlock(50_000, { from })])
    await temporary.maintainAll()
    const before = await queryOne(temporary.store, { points: 10 })
    expect(await countRows(temporary, 'lod')).toBe(2)
    await temporary.reopen()
    expect(await queryOne(temporary.store, { points: 10 })).toEqual(before)
    await temporary.store.finish(1)
    expect(await queryOne(temporary.store, { points: 10 })).toEqual(before)
  })
})

describe('ending and deleting a group', () => {
  it('leaves full chunks in order of their series, and no head', async () => {
    await using temporary = await TemporaryStore.open()
    for (let round = 0; round < 30; round += 1) {
      await temporary.append([makeBlock(100, { keys: ['a', 'b'], from: round * 100 }), makeBlock(7, { keys: ['c'] })])
      if (round % 10 === 9) await temporary.store.finish(1)
    }
    await temporary.store.finish(1)
    const rows = await temporary.database.all('select series, n from chunk order by id')
    expect(rows.map((row) => [row['series'], row['n']])).toEqual([
      [1, 1024],
      [1, 1024],
      [1, 952],
      [2, 1024],
      [2, 1024],
      [2, 952],
      [3, 210],
    ])
    expect((await temporary.store.statistics()).headPoints).toBe(0)
    expect((await listValues(temporary.store))['a']?.length).toBe(3000)
  })

  it('goes on with what a budget left over, also after a restart', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(5_000, { keys: ['a', 'b'] })])
    await temporary.store.finish(1, { budgetMs: 0 })
    expect(await countRows(temporary, 'ended')).toBe(1)
    await temporary.reopen()
    await temporary.maintainAll()
    expect(await countRows(temporary, 'ended')).toBe(0)
    expect((await temporary.store.statistics()).headPoints).toBe(0)
  })

  it('takes points of a group that ended too early', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(10)])
    await temporary.store.finish(1)
    expect(await temporary.append([makeBlock(10, { from: 10 })])).toEqual([[10]])
    expect((await queryOne(temporary.store)).count).toBe(20)
  })

  it('removes everything of a deleted group and nothing else', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(3000), makeBlock(3000, { group: 2 })])
    await temporary.maintainAll()
    await temporary.store.delete(1, { budgetMs: 0 })
    expect(await listValues(temporary.store)).toEqual({})
    await temporary.reopen()
    expect(await listValues(temporary.store)).toEqual({})
    await temporary.maintainAll()
    expect((await temporary.store.statistics()).points).toBe(3000)
    expect([await countRows(temporary, 'series'), await countRows(temporary, 'chunk')]).toEqual([1, 2])
    expect(await temporary.append([makeBlock(5)])).toEqual([[0]])
    expect((await listValues(temporary.store))['loss']?.length).toBe(5)
  })
})

describe('trouble', () => {
  it('names the series of a damaged chunk, and serves the others', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(2048, { keys: ['loss', 'lr'] })])
    await temporary.maintainAll()
    await temporary.reopen()
    const { database } = temporary
    const [row] = await database.all('select id, data from chunk where series = 1 and start = 1024')
    const data = (row!['data'] as Uint8Array).slice()
    data[100] = (data[100] ?? 0) ^ 1
    await database.run('update chunk set data = ? where id = ?', [data, Number(row!['id'])])
    const failing = queryOne(temporary.store)
    await expect(failing).rejects.toThrow(PilothouseError)
    await expect(failing).rejects.toThrow(/point 1024 of series «loss».*checksum/)
    const others = await temporary.store.query({ selectors: [{ ...loss, keys: ['lr'] }], x: 'step', points: 10 })
    expect(others[0]?.count).toBe(2048)
    await temporary.store.finish(1)
    expect(await temporary.append([makeBlock(1)])).toEqual([[2048]])
  })

  it('deletes on a database so slow that each look at the clock finds the slice over', async () => {
    let now = 0
    await using temporary = await TemporaryStore.open({ clock: () => (now += 1_000) })
    const keys = Array.from({ length: 7 }, (_, key) => `k${key}`)
    await temporary.append([makeBlock(3_000, { keys }), makeBlock(10, { group: 2 })])
    await temporary.maintainAll()
    await temporary.store.delete(1, { budgetMs: 0 })
    await temporary.maintainAll()
    const { series, points } = await temporary.store.statistics()
    expect([series, points]).toEqual([1, 10])
  })

  it('2,000 groups of 20 keys stay within the memory given to heads', async () => {
    const headBytesMax = 4 * 1024 * 1024
    await using temporary = await TemporaryStore.open({ headBytesMax, walBytesMax: 1024 * 1024 })
    const keys = Array.from({ length: 20 }, (_, key) => `k${key}`)
    for (let round = 0; round < 3; round += 1) {
      for (let group = 1; group <= 2_000; group += 100) {
        const blocks = Array.from({ length: 100 }, (_, at) =>
          makeBlock(2, { group: group + at, keys, from: round * 2 }),
        )
        await temporary.append(blocks)
        await temporary.maintainAll()
        expect((await temporary.store.statistics()).headBytes).toBeLessThanOrEqual(headBytesMax)
      }
    }
    await temporary.reopen()
    const statistics = await temporary.store.statistics()
    expect([statistics.series, statistics.points]).toEqual([40_000, 240_000])
    for (const group of [1, 777, 2_000]) expect((await listValues(temporary.store, group))['k7']?.length).toBe(6)
    expect((await temporary.store.latest([{ group: 1500, branch: 0, source: 'job', keys: ['k1'] }]))[0]?.total).toBe(6)
  }, 120_000)

  it('groups that are written all the time do not leave memory when it is short: their heads are sealed early', async () => {
    const headBytesMax = 1.5 * 1024 * 1024
    await using temporary = await TemporaryStore.open({ headBytesMax })
    const { database } = temporary
    const readAll = database.all.bind(database)
    let tailsRead = 0
    database.all = (sql, parameters) => {
      if (sql.includes('from tail')) tailsRead += 1
      return readAll(sql, parameters)
    }
    const keys = Array.from({ length: 20 }, (_, key) => `k${key}`)
    const rounds = 60
    for (let round = 0; round < rounds; round += 1) {
      await temporary.append(
        Array.from({ length: 30 }, (_, group) => makeBlock(3, { group: group + 1, keys, from: round * 3 })),
      )
      await temporary.maintainAll()
      expect((await temporary.store.statistics()).headBytes).toBeLessThanOrEqual(headBytesMax)
    }
    expect(tailsRead).toBeLessThan((rounds * 30) / 5)
    expect((await temporary.store.statistics()).chunks).toBeGreaterThan(100)
    expect((await listValues(temporary.store, 7))['k7']?.length).toBe(rounds * 3)
  })

  it('exports from any point on, in chunks and in the head, the same points as from the first', async () => {
    await using temporary = await TemporaryStore.open()
    await temporary.append([makeBlock(3_000)])
    await temporary.maintainAll()
    await temporary.append([makeBlock(50, { from: 3_000 })])
    const listFrom = async (from: number) => {
      const values: number[] = []
      for await (const run of temporary.store.export([{ group: 1, branch: 0, source: 'job', keys: ['loss'] }], {
        from,
      })) {
        expect(run.from).toBe(from + values.length)
        values.push(...run.values)
      }
      return values
    }
    const all = await listFrom(0)
    expect(all).toHaveLength(3_050)
    for (const from of [1, 1_023, 1_024, 1_025, 2_999, 3_000, 3_049, 3_050, 9_999])
      expect(await listFrom(from)).toEqual(all.slice(from))
  })

  it('counts its WAL rows on after everything was flushed', async () => {
    await using temporary = await TemporaryStore.open()
    for (let round = 0; round < 4; round += 1) {
      await temporary.append([makeBlock(3, { from: round * 3 })])
      if (round % 2 === 1) await temporary.store.close()
      await temporary.reopen()
      expect((await queryOne(temporary.store)).total).toBe(3 * (round + 1))
    }
  })

  it('retires the WAL without losing what only it had', async () => {
    await using temporary = await TemporaryStore.open({ walBytesMax: 2_000 })
    for (let round = 0; round < 20; round += 1) {
      await temporary.append([makeBlock(50, { from: round * 50, group: 1 + (round % 3) })])
      await temporary.maintainAll()
    }
    expect((await temporary.store.statistics()).walBytes).toBeLessThan(4_000)
    await temporary.reopen()
    expect((await temporary.store.statistics()).points).toBe(1_000)
    expect((await listValues(temporary.store, 2))['loss']?.length).toBe(350)
  })
})
