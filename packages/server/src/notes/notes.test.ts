import { type Note, type NoteCreate, type NotesEvent, limits, noteCreate, noteQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '../storage/operation.ts'
import { type TestStorage, openTestStorage, pointsOf, waitForUpdate } from '../storage/test-storage.ts'

let store: TestStorage
beforeAll(async () => void (store = await openTestStorage()))
afterAll(() => store.close())

const member: Actor = { memberId: 77, all: false, jobUid: null }
const stranger: Actor = { memberId: 78, all: false, jobUid: null }

it('a note has its author and time, and is listed newest first, in pages', async () => {
  await store.put('talk-1')
  for (const text of ['one', 'two', 'three']) await write('talk-1', { text })
  const first = await list('talk-1', { limit: 2 })
  expect(first).toMatchObject({ total: 3, notes: [{ text: 'three' }, { text: 'two' }] })
  const second = await list('talk-1', { limit: 2, cursor: first.next ?? 0 })
  expect(second).toMatchObject({ total: 3, next: null, notes: [{ text: 'one', edited: null }] })
  expect(second.notes[0]).toMatchObject({ author: { id: store.admin.memberId, name: 'admin' } })
})

it('anybody who manages jobs writes on any job, changes one’s own notes, and finds none of others to change', async () => {
  await store.put('talk-2')
  const { id } = await write('talk-2', { text: 'mine' }, member)
  const changed = await store.storage.call('notes.edit', { uid: 'talk-2', id, text: 'still mine', actor: member })
  expect(changed).toMatchObject({ text: 'still mine', edited: { by: { id: 77 } } })
  const one = { uid: 'talk-2', id, actor: stranger }
  await expect(store.storage.call('notes.edit', { ...one, text: 'no' })).rejects.toMatchObject({ code: 'notFound' })
  await expect(store.storage.call('notes.delete', one)).rejects.toMatchObject({ code: 'notFound' })
  const byAdmin = await store.storage.call('notes.edit', { ...one, text: 'put right', actor: store.admin })
  expect(byAdmin).toMatchObject({ author: { id: 77 }, edited: { by: { name: 'admin' } } })
  await store.storage.call('notes.delete', { ...one, actor: store.admin })
  expect(await list('talk-2')).toMatchObject({ notes: [], total: 0 })
})

it('a deleted note comes back as it was, by whoever may delete it', async () => {
  await store.put('talk-3')
  const note = await write('talk-3', { text: 'oops' }, member)
  const one = { uid: 'talk-3', id: note.id, actor: member }
  await store.storage.call('notes.delete', one)
  await expect(store.storage.call('notes.delete', one)).rejects.toMatchObject({ code: 'notFound' })
  await expect(store.storage.call('notes.edit', { ...one, text: 'x' })).rejects.toMatchObject({ code: 'notFound' })
  await expect(store.storage.call('notes.restore', { ...one, actor: stranger })).rejects.toMatchObject({
    code: 'notFound',
  })
  expect(await store.storage.call('notes.restore', one)).toEqual(note)
  expect((await list('talk-3')).notes).toEqual([note])
})

it('a note is found under its own job only', async () => {
  await store.put('talk-4')
  await store.put('talk-5')
  const { id } = await write('talk-4', { text: 'here' })
  const elsewhere = { uid: 'talk-5', id, text: 'there', actor: store.admin }
  await expect(store.storage.call('notes.edit', elsewhere)).rejects.toMatchObject({ code: 'notFound' })
  await expect(write('nowhere-1', { text: 'x' })).rejects.toMatchObject({ code: 'notFound' })
  const bound: Actor = { memberId: 77, all: false, jobUid: 'talk-5' }
  await expect(write('talk-4', { text: 'x' }, bound)).rejects.toMatchObject({ code: 'notFound' })
})

it('a note on a point stands at the point that was logged last before the place, whatever the axis', async () => {
  await store.put('talk-6')
  const began = Date.now()
  const epochs = [0, 0, 0.5, 1]
  await store.report('talk-6', {
    points: [{ ...pointsOf({ loss: [4, 3, Number.NaN, 1] }, { first: 100, time: began }), epochs }],
  })
  const at = async (x: 'step' | 'epoch' | 'wall', place: number) =>
    (await write('talk-6', { text: 'look', subject: { kind: 'point', key: 'loss', x, at: place } })).subject
  expect(await at('step', 101)).toMatchObject({ source: 'job', branch: 0, step: 101, value: 3, epoch: 0 })
  expect(await at('step', 101.7)).toMatchObject({ step: 101, value: 3 })
  expect(await at('step', 1e9)).toMatchObject({ step: 103, value: 1, epoch: 1 })
  expect(await at('step', 5)).toMatchObject({ step: 100, value: 4 })
  expect(await at('epoch', 0.7)).toMatchObject({ step: 102, value: 'NaN' })
  const timed = await at('step', 102)
  expect(await at('wall', timed.kind === 'point' ? timed.time + 1 : 0)).toEqual(timed)
  const missing = { kind: 'point', key: 'none', at: 1 } as const
  await expect(write('talk-6', { text: 'x', subject: missing })).rejects.toMatchObject({ code: 'notFound' })
  expect((await list('talk-6', { kind: 'point', limit: 1 })).notes).toHaveLength(1)
  expect((await list('talk-6', { kind: 'job' })).notes).toEqual([])
})

it('finds a point among many that did not all arrive in order', async () => {
  await store.put('talk-7')
  const block = (first: number, rows: number) =>
    pointsOf({ loss: Array.from({ length: rows }, (_, at) => first + at) }, { first })
  for (const points of [block(3_000, 3_000), block(0, 3_000), block(6_000, 3_000)])
    await store.report('talk-7', { points: [points] })
  const subject = { kind: 'point', key: 'loss', at: 7_001 } as const
  expect((await write('talk-7', { text: 'x', subject })).subject).toMatchObject({ step: 7_001, value: 7_001 })
})

it('whoever watches the notes of a job hears of each change', async () => {
  await store.put('talk-8')
  store.storage.watch(['notes:talk-8'])
  const heard = waitForUpdate(
    store.storage,
    ({ topic, data }) => (topic === 'notes:talk-8' ? (data as NotesEvent) : undefined), // this topic carries nothing else
  )
  const note = await write('talk-8', { text: 'hello' }, member)
  expect(await heard).toEqual({ notes: [note], removed: [], total: 1 })
  const gone = waitForUpdate(
    store.storage,
    ({ topic, data }) => (topic === 'notes:talk-8' ? (data as NotesEvent) : undefined), // likewise
  )
  await store.storage.call('notes.delete', { uid: 'talk-8', id: note.id, actor: member })
  expect(await gone).toEqual({ notes: [], removed: [note.id], total: 0 })
})

it('notes go away with their job, and come back with it', async () => {
  await store.put('talk-9')
  const note = await write('talk-9', { text: 'kept' })
  await store.storage.call('jobs.delete', { uid: 'talk-9', actor: store.admin, now: false })
  await expect(list('talk-9')).rejects.toMatchObject({ code: 'notFound' })
  await store.storage.call('jobs.restore', { uid: 'talk-9' })
  expect((await list('talk-9')).notes).toEqual([note])
  await store.storage.call('jobs.delete', { uid: 'talk-9', actor: store.admin, now: true })
  const isGone = async () => (await store.storage.call('system.figures', null)).jobs.removing === 0
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true)
  await store.put('talk-9')
  expect((await list('talk-9')).notes).toEqual([])
})

it('refuses a note without words, one that is too long, and one of another kind', () => {
  expect(noteCreate.safeParse({ text: ' \n' }).success).toBe(false)
  expect(noteCreate.safeParse({ text: 'x'.repeat(limits.noteLengthMax) }).success).toBe(true)
  expect(noteCreate.safeParse({ text: 'x'.repeat(limits.noteLengthMax + 1) }).success).toBe(false)
  expect(noteCreate.safeParse({ text: 'x', subject: { kind: 'planet' } }).success).toBe(false)
  expect(noteCreate.parse({ text: 'a\0b' })).toEqual({ text: 'a�b', subject: { kind: 'job' } })
})

function write(uid: string, note: NoteCreate, actor = store.admin): Promise<Note> {
  return store.storage.call('notes.create', { uid, actor, ...noteCreate.parse(note) })
}

function list(uid: string, query: { limit?: number; cursor?: number; kind?: 'job' | 'point' } = {}) {
  return store.storage.call('notes.list', { uid, query: noteQuery.parse(query) })
}
