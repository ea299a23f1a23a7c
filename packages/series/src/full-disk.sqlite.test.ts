import { expect, it } from 'vitest'
import { makeBlock, TemporaryStore } from './temporary-store.fixture.ts'

it('a full disk refuses what is new, loses nothing, and hinders no reading', async () => {
  await using temporary = await TemporaryStore.open({ walBytesMax: 100_000 })
  const { database } = temporary
  await temporary.append([makeBlock(20_000)])
  await temporary.maintainAll()
  const pages = Number((await database.all('pragma page_count'))[0]?.['page_count'])
  await database.run(`pragma max_page_count = ${pages + 3}`)
  let total = 20_000
  let refused: unknown
  while (refused === undefined) {
    refused = await temporary.append([makeBlock(3_000, { from: total })]).then(
      () => void (total += 3_000),
      (error: unknown) => error,
    )
    await temporary.maintainAll().catch((error: unknown) => (refused ??= error))
  }
  expect(refused).toMatchObject({ code: 'diskFull' })
  expect((await temporary.store.statistics()).points).toBe(total)
  await database.run('pragma max_page_count = 1000000')
  expect(await temporary.append([makeBlock(10, { from: total })])).toEqual([[total]])
  await temporary.maintainAll()
  await temporary.reopen()
  expect((await temporary.store.statistics()).points).toBe(total + 10)
})
