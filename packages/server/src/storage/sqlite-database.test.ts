import { afterEach, beforeEach, expect, it } from 'vitest'
import { sql } from 'kysely'
import { openSqlite } from './sqlite-database.ts'
import type { StorageDatabase } from './storage-database.ts'

let database: StorageDatabase
beforeEach(async () => {
  database = openSqlite(':memory:')
  await database.run('create table thing (id integer primary key, value any)')
})
afterEach(() => database.close())

it('binds what SQLite knows and refuses the rest', async () => {
  for (const value of [null, 1.5, 'text', new Uint8Array([1, 2])]) {
    await database.run('insert into thing (value) values (?)', [value])
  }
  expect((await database.all('select value from thing order by id')).map(({ value }) => value)).toEqual([
    null,
    1.5,
    'text',
    new Uint8Array([1, 2]),
  ])
  const bind = (value: unknown) => sql`insert into thing (value) values (${value})`.execute(database.db)
  await bind(true)
  expect((await database.all('select value from thing order by id desc limit 1'))[0]?.['value']).toBe(1)
  await expect(bind(new Date())).rejects.toThrow('A [object Date] cannot be bound')
  await expect(bind(undefined)).rejects.toThrow('A missing value cannot be bound')
  await expect(bind({})).rejects.toThrow('cannot be bound')
})

it('rolls a transaction back when its work fails', async () => {
  const work = async () => {
    await database.run('insert into thing (value) values (1)')
    throw new Error('no')
  }
  await expect(database.transaction(work)).rejects.toThrow('no')
  expect(database.inTransaction).toBe(false)
  expect(await database.all('select * from thing')).toEqual([])
})
