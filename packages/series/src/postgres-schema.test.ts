import { expect, it } from 'vitest'
import { adaptToPostgres } from './postgres-schema.ts'

it('columns of text compare byte by byte, whatever they are called', () => {
  expect(adaptToPostgres('create table note (id bigint, text text not null, texts text)')).toEqual([
    'create table note (id bigint, text text collate "C" not null, texts text collate "C")',
  ])
  expect(adaptToPostgres('alter table note add column text text')).toEqual([
    'alter table note add column text text collate "C"',
  ])
})

it('bytes are not compressed again', () => {
  expect(adaptToPostgres('create table if not exists chunk (outline bytea not null, data bytea)')).toEqual([
    'create table if not exists chunk (outline bytea not null, data bytea)',
    'alter table chunk alter column outline set storage external',
    'alter table chunk alter column data set storage external',
  ])
})

it('other statements stay as they are', () => {
  const statement = 'create index note_by_text on note (text)'
  expect(adaptToPostgres(statement)).toEqual([statement])
})
