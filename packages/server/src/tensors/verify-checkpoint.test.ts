import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packTorchFile, packZip } from './packed-files.fixture.ts'
import { pickleLimits } from './pickle-machine.ts'
import { TensorFileError } from './tensor-file-error.ts'
import { ask, makeTestFolder, runTorch, tell, type TestFolder } from './torch-files.fixture.ts'

let folder: TestFolder
const names = ['whole.pt', 'whole.safetensors'] as const
const contents = new Map<string, Buffer>()
beforeAll(async () => {
  folder = await makeTestFolder()
  await runTorch(
    folder,
    `
from safetensors.torch import save_file
tensors = {"a": torch.randn(40, 3), "b": torch.randn(20).half(), "c": torch.arange(9)}
save_file(tensors, "whole.safetensors")
torch.save({"model": tensors, "optimizer": {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 0.1}]}}, "whole.pt")
torch.serialization.set_crc32_options(False)
torch.save(tensors, "unsummed.pt")
os.mkfifo("pipe.pt")
`,
  )
  for (const name of names) contents.set(name, await readFile(folder.at(name)))
})
afterAll(() => folder.remove())

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const verify = (name: string, promised: { sha256?: string; bytes?: number } = {}) =>
  ask({ kind: 'verify', path: folder.at(name), ...promised })

describe.each(names)('%s', (name) => {
  const broken = `broken-${name}`
  const write = (bytes: Uint8Array): Promise<void> => writeFile(folder.at(broken), bytes)

  it('is well, with its checksum', async () => {
    const bytes = contents.get(name)!
    const file = { name, state: 'ok', bytes: bytes.length, sha256: sha256(bytes), detail: null }
    expect(await verify(name)).toEqual({ path: folder.at(name), state: 'ok', files: [file] })
    expect(await verify(name, { sha256: sha256(bytes).toUpperCase(), bytes: bytes.length })).toMatchObject({
      state: 'ok',
    })
  })

  it('is changed when its bytes are others', async () => {
    const bytes = Buffer.from(contents.get(name)!)
    bytes[bytes.length - (name.endsWith('.pt') ? 1_800 : 20)]! ^= 1
    await write(bytes)
    const { state, files } = await verify(broken, { sha256: sha256(contents.get(name)!) })
    expect([state, files[0]!.detail]).toEqual(['changed', expect.stringMatching(/SHA-256 differs|checksum says/)])
  })

  it('is torn when its end is missing', async () => {
    const bytes = contents.get(name)!
    await write(bytes.subarray(0, -100))
    const { files } = await verify(broken)
    expect(files[0]).toMatchObject({
      state: 'torn',
      detail: name.endsWith('.pt')
        ? expect.stringContaining('which stands at the end of the file, is missing')
        : 'It ends 100 bytes before its last tensor does.',
    })
    expect((await verify(broken, { bytes: bytes.length })).files[0]!.detail).toMatch(
      /^It ends 100 bytes before it should\./,
    )
  })

  it('is missing when it is not there', async () => {
    expect(await verify(`no-${name}`)).toMatchObject({ state: 'missing', files: [{ state: 'missing', bytes: null }] })
  })

  it('cut anywhere it is refused, and told as torn or broken', async () => {
    const bytes = contents.get(name)!
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        await write(bytes.subarray(0, length))
        await expect(ask({ kind: 'summarise', path: folder.at(broken) })).rejects.toThrow(TensorFileError)
        expect(['torn', 'malformed', 'unknown']).toContain((await verify(broken)).state)
      }),
      { numRuns: 150 },
    )
  })

  it('with some bytes changed it is read or refused, quickly and without taking memory', async () => {
    const bytes = contents.get(name)!
    const place = fc.oneof(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 1_500 }))
    const flips = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    const before = process.memoryUsage().rss
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, value] of changes) changed[at] = value
        await write(changed)
        const begun = performance.now()
        const outcome = await ask({ kind: 'summarise', path: folder.at(broken) }).catch((error: unknown) => error)
        if (outcome instanceof Error)
          expect(outcome).toMatchObject({ name: 'TensorFileError', kind: expect.not.stringMatching('failed') })
        await verify(broken)
        expect(performance.now() - begun).toBeLessThan(pickleLimits.timeMsMax)
      }),
      { numRuns: 250 },
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
  })
})

it('a file that was told to have no checksums of its entries is well without', async () => {
  expect(await verify('unsummed.pt')).toMatchObject({ state: 'ok' })
})

it('an entry with other bytes than its own checksum says is told, without knowing what they were', async () => {
  const bytes = Buffer.from(contents.get('whole.pt')!)
  const at = bytes.indexOf('whole/data/0') + 200
  bytes[at]! ^= 1
  await writeFile(folder.at('flipped.pt'), bytes)
  const { files } = await verify('flipped.pt')
  expect(files[0]).toMatchObject({
    state: 'changed',
    detail: 'Its entry «whole/data/0» has other bytes than its checksum says.',
  })
})

it('a file of another format is of an unknown one, unless its checksum says that it is right', async () => {
  await writeFile(folder.at('notes.pt'), 'hello')
  expect(await verify('notes.pt')).toMatchObject({ state: 'unknown' })
  const promised = { sha256: sha256(Buffer.from('hello')) }
  expect(await verify('notes.pt', promised)).toMatchObject({
    state: 'ok',
    files: [{ detail: expect.stringContaining('neither') }],
  })
})

it('a directory that points outside of the file, or at itself, is refused', async () => {
  const whole = packTorchFile(Buffer.from('N.'), { 0: Buffer.alloc(64) })
  const end = whole.length - 22
  for (const [at, value] of [
    [end + 16, 0xffff_ff00],
    [end + 16, 0],
    [end + 12, 0x7fff_ffff],
    [whole.indexOf('PK\u0001\u0002') + 42, 0x7fff_ffff],
    [whole.indexOf('PK\u0001\u0002') + 42, 9],
    [whole.indexOf('PK\u0001\u0002') + 24, 0x7fff_ffff],
    [whole.indexOf('PK\u0001\u0002') + 24, 0xffff_ffff],
  ] as const) {
    const bytes = Buffer.from(whole)
    bytes.writeUInt32LE(value, at)
    await writeFile(folder.at('astray.pt'), bytes)
    expect((await verify('astray.pt')).state, `${value} at ${at}`).toMatch(/malformed|torn/)
  }
})

it('an archive that two readers may read in two ways is refused', async () => {
  const [harmless, harmful] = [Buffer.from('}.'), Buffer.from('cos\nsystem\n(tR.')]
  const refuse = async (bytes: Buffer): Promise<string> => {
    await writeFile(folder.at('two.pt'), bytes)
    return ask({ kind: 'summarise', path: folder.at('two.pt') }).then(() => 'read', tell)
  }
  const twice = packZip([
    ['x/data.pkl', harmless],
    ['x/data.pkl', harmful],
  ])
  expect(await refuse(twice)).toBe('malformed: It has the entry «x/data.pkl» twice.')
  const inCapitals = packZip([
    ['x/data.pkl', harmless],
    ['X/DATA.PKL', harmful],
  ])
  expect(await refuse(inCapitals)).toBe('malformed: It has the entry «X/DATA.PKL» twice.')
  // PyTorch takes the folder of the first entry.
  const elsewhere = packZip([
    ['first/version', Buffer.from('3')],
    ['x/data.pkl', harmless],
  ])
  expect(await refuse(elsewhere)).toMatch(/^unsupported: .*without data\.pkl/)
  const behind = Buffer.concat([packZip([['x/data.pkl', harmless]]), Buffer.from('more')])
  expect(await refuse(behind)).toBe('malformed: It goes on behind its end.')
  expect(await refuse(packZip([['x/data.pkl', harmless]]))).toBe('read')
})

it('a pipe is no file, and nobody waits for its writer', async () => {
  await expect(ask({ kind: 'summarise', path: folder.at('pipe.pt') })).rejects.toMatchObject({ kind: 'unreadable' })
})
