import { open, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkpointSummary, checkpointComparison, checkpointVerification } from '@pilothouse/contract'
import { packSafetensors, packTorchFile, pickle, uint32, uint64 } from './packed-files.fixture.ts'
import { runTensorTask } from './run-tensor-task.ts'
import { makeTestFolder, type TestFolder } from './torch-files.fixture.ts'

let folder: TestFolder
beforeAll(async () => {
  folder = await makeTestFolder()
  const header = { one: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }
  await writeFile(folder.at('small.safetensors'), packSafetensors(header, Buffer.from(Float32Array.of(3, 4).buffer)))
})
afterAll(() => folder.remove())

/** A file of zeros that takes no room on the disk. */
async function makeSparse(name: string, elements: number): Promise<string> {
  const header = Buffer.from(
    JSON.stringify({ zeros: { dtype: 'F64', shape: [elements], data_offsets: [0, elements * 8] } }),
  )
  const file = await open(folder.at(name), 'w')
  await file.write(Buffer.concat([uint64(BigInt(header.length)), header]))
  await file.truncate(8 + header.length + elements * 8)
  await file.close()
  return folder.at(name)
}

it('what the thread answers is what the contract says', async () => {
  const path = folder.at('small.safetensors')
  const summary = await runTensorTask({ kind: 'summarise', path })
  expect(checkpointSummary.parse(summary)).toEqual(summary)
  expect(summary.tensors).toMatchObject([{ name: 'one', norm: 5, mean: 3.5, min: 3, max: 4, zeroShare: 0 }])
  const comparison = await runTensorTask({ kind: 'compare', a: path, b: path })
  expect(checkpointComparison.parse(comparison)).toEqual(comparison)
  const verification = await runTensorTask({ kind: 'verify', path })
  expect(checkpointVerification.parse(verification)).toEqual(verification)
})

it('what goes wrong keeps its kind on the way back', async () => {
  await expect(runTensorTask({ kind: 'summarise', path: folder.at('nothing') })).rejects.toMatchObject({
    name: 'TensorFileError',
    kind: 'missing',
  })
})

it('more than 2 GB are read through, with progress, and may be broken off', async () => {
  const elements = 280_000_000
  const path = await makeSparse('large.safetensors', elements)
  const told: number[] = []
  const controller = new AbortController()
  const broken = runTensorTask(
    { kind: 'summarise', path },
    { signal: controller.signal, onProgress: (done) => (done > elements ? controller.abort() : undefined) },
  )
  await expect(broken).rejects.toMatchObject({ kind: 'cancelled' })
  const { tensors, totals } = await runTensorTask(
    { kind: 'summarise', path },
    { onProgress: (done, total) => told.push(done / total) },
  )
  expect(tensors).toMatchObject([{ count: elements, norm: 0, mean: 0, zeroShare: 1 }])
  expect(totals.bytes).toBe(8 * elements)
  expect(told.at(-1)).toBe(1)
  expect(told).toEqual(told.toSorted((one, other) => one - other))
  expect(told.length).toBeGreaterThan(4)
})

it('a file made to exhaust memory is refused, or read within its bounds', async () => {
  // Four million lists of their own within one list.
  const bomb = pickle('}', "S'a'\n](", ']'.repeat(3_900_000), 'es.')
  await writeFile(folder.at('bomb.pt'), packTorchFile(bomb))
  await expect(runTensorTask({ kind: 'summarise', path: folder.at('bomb.pt') })).rejects.toMatchObject({
    kind: 'tooLarge',
  })
  const texts = pickle(
    '](',
    ...Array.from({ length: 1_000 }, () => pickle('X', uint32(60_000), Buffer.alloc(60_000, 0xff))),
    'e.',
  )
  await writeFile(folder.at('texts.pt'), packTorchFile(texts))
  expect((await runTensorTask({ kind: 'summarise', path: folder.at('texts.pt') })).tensors).toEqual([])
})
