/** Forms of files that PyTorch writes on other machines, or of many gigabytes only; PyTorch itself reads them here too. */
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packZip, pickleTensor } from './packed-files.fixture.ts'
import { ask, makeTestFolder, runTorch, tell, type TestFolder } from './torch-files.fixture.ts'

const description = pickleTensor({ offset: 1, shape: '(K\u0002t', stride: '(K\u0002t', length: 4 })
const little = Buffer.from(Float32Array.of(9, 3, 9, 4).buffer)
const big = Buffer.from(little).swap32()

let folder: TestFolder
beforeAll(async () => {
  folder = await makeTestFolder()
  const write = (name: string, { order, data, isWide = false }: { order: string; data: Buffer; isWide?: boolean }) => {
    const files = Object.entries({ 'data.pkl': description, byteorder: order, version: '3\n', 'data/0': data })
    const entries = files.map(([path, content]) => [`x/${path}`, Buffer.from(content)] as const)
    return writeFile(folder.at(name), packZip(entries, { isWide }))
  }
  await write('little.pt', { order: 'little', data: little })
  await write('big.pt', { order: 'big', data: big })
  await write('wide.pt', { order: 'little', data: little, isWide: true })
  await write('middle.pt', { order: 'middle', data: little })
})
afterAll(() => folder.remove())

it('either byte order, and 64-bit directories, are read as PyTorch reads them', async () => {
  const read = await runTorch(
    folder,
    'print(json.dumps([torch.load(name, weights_only=True).tolist() for name in ("little.pt", "big.pt", "wide.pt")]))',
  )
  expect(read).toEqual([
    [3, 4],
    [3, 4],
    [3, 4],
  ])
  for (const name of ['little.pt', 'big.pt', 'wide.pt']) {
    const { tensors } = await ask({ kind: 'summarise', path: folder.at(name) })
    expect(tensors, name).toMatchObject([{ shape: [2], norm: 5, min: 3, max: 4 }])
    expect((await ask({ kind: 'verify', path: folder.at(name) })).state).toBe('ok')
  }
  const { counts } = await ask({ kind: 'compare', a: folder.at('big.pt'), b: folder.at('wide.pt') })
  expect(counts.same).toBe(1)
})

it('a byte order that there is not is refused', async () => {
  expect(await ask({ kind: 'summarise', path: folder.at('middle.pt') }).then(() => 'read', tell)).toMatch(
    /^malformed: .*byte order/,
  )
})
