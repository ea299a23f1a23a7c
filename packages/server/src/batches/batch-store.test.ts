import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { batchPaths } from './batch-folder.ts'
import { listBatchFolders, makeBatchFolder, removeBatchFolder } from './batch-store.ts'

const id = `batch_${'1'.repeat(32)}`
let folder: string
let shared: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-store-'))
  shared = await mkdtemp('/dev/shm/pilothouse-store-')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await rm(shared, { recursive: true })
})

it('an input is the same bytes under a second name, and outlives the first', async () => {
  const path = join(folder, 'in.jsonl')
  await writeFile(path, 'requests')
  await makeBatchFolder(folder, id, path)
  expect((await stat(batchPaths(folder, id).input)).ino).toBe((await stat(path)).ino)
  await rm(path)
  expect(await readFile(batchPaths(folder, id).input, 'utf8')).toBe('requests')
  expect(await listBatchFolders(folder)).toEqual([id])
  await removeBatchFolder(folder, id)
  expect(await listBatchFolders(folder)).toEqual([])
})

it('an input on another disk is copied', async () => {
  const path = join(shared, 'in.jsonl')
  await writeFile(path, 'requests')
  await makeBatchFolder(folder, id, path)
  expect(await readFile(batchPaths(folder, id).input, 'utf8')).toBe('requests')
})

it('an input that is gone leaves nothing', async () => {
  const gone = makeBatchFolder(folder, id, join(folder, 'nothing'))
  await expect(gone).rejects.toMatchObject({ code: 'notFound', field: 'input_file_id' })
  expect(await readdir(join(folder, 'batches'))).toEqual([])
  expect(await listBatchFolders(join(folder, 'nowhere'))).toEqual([])
})
