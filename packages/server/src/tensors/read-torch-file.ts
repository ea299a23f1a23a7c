/**
 * A file of `torch.save` since PyTorch 1.6: a zip archive of stored entries, all in one folder: `data.pkl` describes
 * everything, `data/KEY` are the storages, `byteorder` is `little` or `big`. What it describes is read by
 * `read-pickle.ts`, which runs nothing.
 */
import { endianness } from 'node:os'
import { elementBytes } from './element-size.ts'
import { isKnownGlobal } from './known-globals.ts'
import { listPickledTensors, type PickledTensors } from './list-pickled-tensors.ts'
import { pickleLimits } from './pickle-machine.ts'
import { readPickle } from './read-pickle.ts'
import { findContent, readZipDirectory, type ZipEntry } from './read-zip-directory.ts'
import type { StoredTensor, TensorCatalogue } from './tensor-catalogue.ts'
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'
import type { TensorSource } from './tensor-source.ts'

/** The number that files from before 1.6 begin with, as the pickle of a long integer. */
const legacyStart = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]

/** In words, when a file begins as older or other files of Python do; undefined otherwise. */
export function recogniseOldFile(start: Uint8Array): string | undefined {
  if (legacyStart.every((byte, at) => start[at] === byte))
    return 'It is a file of torch.save from before PyTorch 1.6, which is not read. Load it and save it again with a newer PyTorch.'
  if (start.length > 262 && String.fromCharCode(...start.subarray(257, 262)) === 'ustar')
    return 'It is a tar archive, as PyTorch wrote before 0.4 and NeMo does; it is not read.'
  if (start[0] === 0x80 && (start[1] ?? 9) <= 5) return 'It is a bare pickle and no file of torch.save; it is not read.'
  return undefined
}

/**
 * Lists the tensors of a file, without running anything that it holds.
 * @throws TensorFileError `torn`, `malformed`, `tooLarge`; `unsupported` for an archive that is something else.
 */
export async function readTorchFile(source: TensorSource, clock: () => number): Promise<TensorCatalogue> {
  const entries = new Map((await readZipDirectory(source)).map((entry) => [entry.name, entry]))
  const folder = findFolder(entries)
  const { root, globals } = readPickle(
    await readEntry(source, entries.get(`${folder}data.pkl`), pickleLimits.bytesMax),
    clock,
  )
  const pickled = listPickledTensors(root)
  const isSwapped = (await readByteOrder(source, entries.get(`${folder}byteorder`))) !== endianness()
  const storages = new Storages(source, (key) => entries.get(`${folder}data/${key}`))
  const tensors: StoredTensor[] = []
  for (const tensor of pickled.tensors) tensors.push(await placeTensor(tensor, storages, isSwapped))
  return {
    format: 'torch',
    tensors,
    values: pickled.values,
    valuesLeftOut: pickled.valuesLeftOut,
    suspicious: [...globals]
      .filter(([path]) => !isKnownGlobal(path))
      .map(([name, { isCalled }]) => ({ name, isCalled })),
    notes:
      pickled.arrays === 0
        ? []
        : [`${pickled.arrays} NumPy array${pickled.arrays === 1 ? ' is' : 's are'} not looked into.`],
  }
}

/** That of the first entry, as PyTorch takes it, with the slash at its end. */
function findFolder(entries: ReadonlyMap<string, ZipEntry>): string {
  const names = [...entries.keys()]
  const folder = /^[^/]*\//.exec(names[0] ?? '')?.[0]
  if (folder === undefined || !entries.has(`${folder}data.pkl`))
    throw new TensorFileError('unsupported', 'It is a zip archive without data.pkl, so torch.save did not write it.')
  if (names.some((name) => name.startsWith(`${folder}code/`)) || entries.has(`${folder}constants.pkl`))
    throw new TensorFileError(
      'unsupported',
      'It is a TorchScript program, which is not read. Save its state_dict() instead.',
    )
  return folder
}

async function readEntry(source: TensorSource, entry: ZipEntry | undefined, bytesMax: number): Promise<Uint8Array> {
  if (entry === undefined) throw malformed('It lacks an entry that it should have.')
  if (entry.bytes > bytesMax)
    throw new TensorFileError(
      'tooLarge',
      `Its entry ${quote(entry.name)} has ${entry.bytes} bytes, and at most ${bytesMax} are read.`,
    )
  return source.read(await findContent(source, entry), entry.bytes)
}

/**
 * Files of before PyTorch 2.1 do not say; they are of the machine that wrote them, which is little-endian everywhere
 * today.
 */
async function readByteOrder(source: TensorSource, entry: ZipEntry | undefined): Promise<'LE' | 'BE'> {
  if (entry === undefined) return 'LE'
  const word = new TextDecoder().decode(await readEntry(source, entry, 64))
  if (word === 'little') return 'LE'
  if (word === 'big') return 'BE'
  throw malformed(`Its byte order is said to be ${quote(word)}.`)
}

/** Where storages begin, each looked for once. */
class Storages {
  readonly #found = new Map<string, { at: number; bytes: number }>()
  readonly #source: TensorSource
  readonly #findEntry: (key: string) => ZipEntry | undefined

  constructor(source: TensorSource, findEntry: (key: string) => ZipEntry | undefined) {
    this.#source = source
    this.#findEntry = findEntry
  }

  async find(key: string): Promise<{ at: number; bytes: number }> {
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const entry = this.#findEntry(key)
    if (entry === undefined) throw malformed(`It lacks the storage ${quote(key)} of one of its tensors.`)
    const found = { at: await findContent(this.#source, entry), bytes: entry.bytes }
    this.#found.set(key, found)
    return found
  }
}

async function placeTensor(
  { name, dtype, shape, count, storage, note }: PickledTensors['tensors'][number],
  storages: Storages,
  isSwapped: boolean,
): Promise<StoredTensor> {
  if (storage === null || dtype === null) return { name, dtype, shape, count, place: null, note }
  const { at, bytes } = await storages.find(storage.key)
  if (bytes < storage.bytes)
    throw malformed(
      `The storage ${quote(storage.key)} of ${quote(name)} has ${bytes} bytes and should have ${storage.bytes}.`,
    )
  const { offset, strides } = storage
  return {
    name,
    dtype,
    shape,
    count,
    place: { at, offset, strides, isSwapped: isSwapped && elementBytes[dtype] > 1 },
    note,
  }
}
