/** What is in a pickle is told, and never happens; and no pickle takes more than its bounds. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packTorchFile, pickle, pickleTensor, uint32, uint64 } from './packed-files.fixture.ts'
import { pickleLimits } from './pickle-machine.ts'
import { PickleDict, type PickleList, type PickleObject, type PickleTuple } from './pickle-nodes.ts'
import { readPickle } from './read-pickle.ts'
import { TensorFileError } from './tensor-file-error.ts'
import { ask, makeTestFolder, runTorch, tell, type TestFolder } from './torch-files.fixture.ts'

let folder: TestFolder
beforeAll(async () => {
  folder = await makeTestFolder()
})
afterAll(() => folder.remove())

const clock = (): number => performance.now()

describe('a pickle that would run code', () => {
  it('does not, and says what it would have called', async () => {
    await runTorch(
      folder,
      `
class Bomb:
    def __reduce__(self):
        return (os.system, ("touch " + os.path.abspath("ran"),))
class Reader:
    def __reduce__(self):
        return (eval, ("open(" + repr(os.path.abspath("ran")) + ", 'w')",))
class Mine:
    def __init__(self):
        self.weight = torch.ones(2)
torch.save({"weight": torch.ones(3), "bomb": Bomb(), "reader": Reader(), "mine": Mine()}, "bomb.pt")
for protocol in (3, 4, 5):
    torch.save({"weight": torch.ones(3), "bomb": Bomb()}, f"bomb-{protocol}.pt", pickle_protocol=protocol)
`,
    )
    const { tensors, suspicious } = await ask({ kind: 'summarise', path: folder.at('bomb.pt') })
    expect(tensors.map(({ name, norm }) => [name, norm])).toEqual([
      ['mine.weight', Math.SQRT2],
      ['weight', Math.sqrt(3)],
    ])
    expect(suspicious).toEqual([
      { file: 'bomb.pt', name: 'posix.system', isCalled: true },
      { file: 'bomb.pt', name: '__builtin__.eval', isCalled: true },
      { file: 'bomb.pt', name: '__main__.Mine', isCalled: true },
    ])
    for (const protocol of [3, 4, 5]) {
      const newer = await ask({ kind: 'summarise', path: folder.at(`bomb-${protocol}.pt`) })
      expect(newer.suspicious).toMatchObject([{ name: 'posix.system', isCalled: true }])
      expect(newer.tensors).toHaveLength(1)
    }
    await ask({ kind: 'verify', path: folder.at('bomb.pt') })
    await ask({ kind: 'compare', a: folder.at('bomb.pt'), b: folder.at('bomb-5.pt') })
    expect(existsSync(folder.at('ran'))).toBe(false)
    // It would have run: this is what the pickle is made for.
    await runTorch(folder, 'torch.load("bomb-5.pt", weights_only=False)')
    expect(existsSync(folder.at('ran'))).toBe(true)
  })

  it('says so of every way to call', () => {
    const system = 'cos\nsystem\n'
    const ways = [
      pickle(system, "(S'ls'\ntR."),
      pickle('(', "S'ls'\n", 'ios\nsystem\n.'),
      pickle('(', system, "S'ls'\n", 'o.'),
      pickle(system, ')\x81.'),
      pickle(system, ')}\x92.'),
      pickle('\x8c\x02os\x8c\x06system\x93)R.'),
    ]
    for (const way of ways) expect([...readPickle(way, clock).globals]).toEqual([['os.system', { isCalled: true }]])
    expect([...readPickle(pickle('\x82', 7, '.'), clock).globals.keys()]).toEqual(['copyreg.extension 7'])
    expect([...readPickle(pickle(system, '.'), clock).globals]).toEqual([['os.system', { isCalled: false }]])
    // Known functions that call what they are given.
    const handed = pickle('ctorch._tensor\n_rebuild_from_type_v2\n(', system, system, "(S'ls'\nt}tR.")
    expect(readPickle(handed, clock).globals.get('os.system')).toEqual({ isCalled: true })
  })
})

describe('a pickle', () => {
  it('is read as Python reads it', async () => {
    const texts = (await runTorch(
      folder,
      `
import pickle, collections, datetime
value = {"a": [1, -1, 255, 256, 65536, -(2**31), 2**31, 2**70, -(2**70), 1.5, True, False, None], "t": (), "u": (1,), "v": (1, 2, 3, 4),
  "text": "hällo 🚢", "bytes": b"\\x00\\xff", "inf": float("-inf"), "long": "x" * 300, "set": {1}, "frozen": frozenset({2})}
print(json.dumps([pickle.dumps(value, protocol=p).hex() for p in range(6)]))
`,
    )) as string[]
    for (const text of texts) {
      const { root } = readPickle(Buffer.from(text, 'hex'), clock)
      const entries = new Map((root as PickleDict).entries)
      const list = [1, -1, 255, 256, 65536, -(2 ** 31), 2 ** 31, 2n ** 70n, -(2n ** 70n), 1.5, true, false, null]
      expect((entries.get('a') as PickleList).items).toEqual(list)
      expect((entries.get('v') as PickleTuple).items).toEqual([1, 2, 3, 4])
      expect([entries.get('inf'), entries.get('long')]).toEqual([-Infinity, 'x'.repeat(300)])
      expect(entries.size).toBe(10)
    }
    const newest = readPickle(Buffer.from(texts[5]!, 'hex'), clock).root as PickleDict
    expect(new Map(newest.entries).get('text')).toBe('hällo 🚢')
  })

  it('keeps references as references', () => {
    const { root } = readPickle(pickle(']q\x00(h\x00h\x00e.'), clock)
    expect((root as PickleList).items).toEqual([root, root])
    const made = readPickle(pickle("cmine\nThing\n)R}S'a'\nK\x01sb."), clock).root as PickleObject
    expect(made.state).toBeInstanceOf(PickleDict)
  })
})

/** What is refused, and how quickly. */
async function refuse(bytes: Buffer): Promise<string> {
  const path = folder.at('refused.pt')
  await writeFile(path, packTorchFile(bytes))
  const begun = clock()
  const answer = await ask({ kind: 'summarise', path }).then(({ tensors }) => `${tensors.length} tensors`, tell)
  expect(clock() - begun).toBeLessThan(pickleLimits.timeMsMax)
  return answer
}

describe('a pickle bomb', () => {
  it('of references that double at each level is stopped', async () => {
    const levels = Array.from({ length: 60 }, (_, at) =>
      pickle(`(h${String.fromCharCode(at)}h${String.fromCharCode(at)}l`, `q${String.fromCharCode(at + 1)}`),
    )
    expect(await refuse(pickle(']q\x00', ...levels, '.'))).toMatch(
      /^tooLarge: Its pickle describes more than 2000000 things/,
    )
  })

  it('of lists within lists is stopped, and so is a list within itself', async () => {
    expect(await refuse(pickle('}', "S'a'\n", ']'.repeat(100_000), 'a'.repeat(99_999), 's.'))).toMatch(
      /^tooLarge: .*lists within lists/,
    )
    expect(await refuse(pickle(']q\x00h\x00a.'))).toMatch(/^tooLarge/)
  })

  it('of too many opcodes, memo keys, or names is stopped', async () => {
    expect(await refuse(pickle('N0'.repeat(2_100_000), 'N.'))).toMatch(/^tooLarge: .*opcodes/)
    const keys = Array.from({ length: pickleLimits.memoMax + 2 }, () => '\x94').join('')
    expect(await refuse(pickle('N', keys, '.'))).toMatch(/^tooLarge: .*memo/)
    const names = Array.from({ length: 1_100 }, (_, at) => `ca\nb${at}\n0`).join('')
    expect(await refuse(pickle(names, 'N.'))).toMatch(/^tooLarge: .*names of classes/)
  })

  it('of sizes that are negative or larger than the file is stopped', async () => {
    expect(await refuse(pickle('\x8b', uint32(0xffff_ffff), '.'))).toMatch(/^malformed: .*negative/)
    expect(await refuse(pickle('\x8b', uint32(0x7fff_ffff), '.'))).toMatch(/^torn/)
    expect(await refuse(pickle('\x8d', uint64(2n ** 63n), '.'))).toMatch(/^tooLarge/)
    expect(await refuse(pickle('\x8e', uint64(2n ** 64n - 1n), '.'))).toMatch(/^torn/)
    expect(await refuse(pickle('\x8b', uint32(100), Buffer.alloc(100, 7), '.'))).toMatch(
      /^tooLarge: .*whole number of 100 bytes/,
    )
    expect(await refuse(pickle('T', uint32(0x8000_0000), '.'))).toMatch(/^malformed: .*negative/)
    expect(await refuse(pickle('I', '9'.repeat(1000), '\n.'))).toMatch(/^malformed/)
    expect(await refuse(pickle('V', 'x'.repeat(70_000), '\n.'))).toMatch(/^tooLarge: .*line/)
  })

  it('of a stack that is not there is refused', async () => {
    for (const opcode of [
      '.',
      'R.',
      'a.',
      't.',
      's.',
      'b.',
      'Q.',
      'q\x00.',
      'h\x07.',
      '\x93.',
      '(.',
      'Na.',
      '(N}u.',
      '\xff.',
      '',
    ])
      expect(await refuse(pickle(opcode)), opcode).toMatch(/^(malformed|torn)/)
  })
})

describe('a tensor that cannot be', () => {
  const tensor = (offset: number, shape: string, stride: string, length: number): Buffer =>
    pickleTensor({ offset, shape, stride, length })
  const read = async (bytes: Buffer, storage: Buffer): Promise<string> => {
    await writeFile(folder.at('tensor.pt'), packTorchFile(bytes, { 0: storage }))
    return ask({ kind: 'summarise', path: folder.at('tensor.pt') }).then(
      ({ tensors }) => String(tensors[0]?.norm),
      tell,
    )
  }

  it('because it reaches beyond its storage is refused', async () => {
    const four = Buffer.from(Float32Array.of(1, 2, 2, 4).buffer)
    expect(await read(tensor(0, '(K\x04t', '(K\x01t', 4), four)).toBe('5')
    expect(await read(tensor(1, '(K\x04t', '(K\x01t', 4), four)).toMatch(/^malformed: .*beyond its storage/)
    expect(await read(tensor(0, '(K\x04t', '(K\x02t', 4), four)).toMatch(/^malformed: .*beyond its storage/)
    expect(await read(tensor(0, '(K\x05t', '(K\x01t', 5), four)).toMatch(
      /^malformed: .*has 16 bytes and should have 20/,
    )
    expect(await read(tensor(0, '(I-1\nt', '(K\x01t', 4), four)).toMatch(/^malformed: .*without a shape/)
    expect(await read(tensor(0, '(K\x04K\x01t', '(K\x01t', 4), four)).toMatch(/^malformed: .*without a shape/)
  })

  it('because it repeats itself beyond counting takes no time', async () => {
    const one = Buffer.from(Float32Array.of(3).buffer)
    const trillion = 'L1000000000000L\n'
    expect(await read(tensor(0, `(${trillion}t`, '(K\x00t', 1), one)).toBe('3000000')
    expect(await read(tensor(0, `(${trillion}${trillion}t`, '(K\x00K\x00t', 1), one)).toMatch(/^malformed/)
  })
})

it('whatever the bytes are, it is read or refused', () => {
  const opcode = fc.constantFrom(...Array.from({ length: 256 }, (_, code) => code))
  const some = fc.array(
    fc.oneof(
      opcode,
      fc.constantFrom(...Buffer.from('(]})N.012abcdeghijlopqrstuRQK\x85\x86\x87\x94\x93\x81', 'latin1')),
    ),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(some, (codes) => {
      try {
        readPickle(Uint8Array.from(codes), clock)
      } catch (error) {
        expect(error).toBeInstanceOf(TensorFileError)
      }
    }),
    { numRuns: 5_000 },
  )
})
