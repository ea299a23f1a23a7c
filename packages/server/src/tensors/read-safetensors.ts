/**
 * The safetensors format: 8 bytes with the length N of the header (little-endian), N bytes of JSON that begin with `{`
 * and may end in spaces, then the elements of all tensors without a gap. The header maps each name to `{"dtype",
 * "shape", "data_offsets": [begin, end]}`, offsets counted from the end of the header; `__metadata__` maps words to
 * words. Rules: https://github.com/huggingface/safetensors, «Format».
 */
import { endianness } from 'node:os'
import type { StoredValue, TensorDtype } from '@pilothouse/contract'
import { checkJson } from './check-json.ts'
import { countElements, elementBytes } from './element-size.ts'
import { catalogueLimits, makeStrides, type StoredTensor, type TensorCatalogue } from './tensor-catalogue.ts'
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'
import { formatBytesLacking, type TensorSource } from './tensor-source.ts'

/** As the format's own library bounds it. */
const headerBytesMax = 100_000_000
/** The header, a tensor in it, a list in that. */
const jsonBounds = { depthMax: 3, containersMax: 3 * catalogueLimits.tensorsMax + 2, itemsMax: 16_000_000 }
const metadataShownMax = 50
const textShownMax = 200

const dtypes: Readonly<Record<string, TensorDtype>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8_e4m3',
  F8_E5M2: 'float8_e5m2',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
  C64: 'complex64',
}

/** True when the first nine bytes of a file can be those of this format. */
export function looksLikeSafetensors(start: Uint8Array): boolean {
  if (start.length < 9) return false
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  return length >= 2n && length <= BigInt(headerBytesMax) && start[8] === 0x7b
}

/**
 * Lists the tensors of a file.
 * @throws TensorFileError `torn` when its end is missing, `malformed` when it breaks a rule of the format.
 */
export async function readSafetensors(source: TensorSource): Promise<TensorCatalogue> {
  const { header, dataAt } = await readHeader(source)
  const { __metadata__: metadata, ...entries } = header
  const names = Object.keys(entries)
  if (names.length > catalogueLimits.tensorsMax)
    throw new TensorFileError(
      'tooLarge',
      `It lists ${names.length} tensors, and at most ${catalogueLimits.tensorsMax} are read.`,
    )
  const parts = names.map((name) => readEntry(name, entries[name]))
  checkOffsets(parts, source.size - dataAt)
  const all = Object.entries(readMetadata(metadata))
  return {
    format: 'safetensors',
    tensors: parts.map((part) => placeTensor(part, dataAt)),
    values: all.slice(0, metadataShownMax).map(showMetadata),
    valuesLeftOut: Math.max(0, all.length - metadataShownMax),
    suspicious: [],
    notes: [],
  }
}

type Header = { header: Record<string, unknown>; dataAt: number }

async function readHeader(source: TensorSource): Promise<Header> {
  if (source.size < 8)
    throw new TensorFileError('torn', `It has ${source.size} bytes; even the length of its header is missing.`)
  const first = await source.read(0, 8)
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true))
  if (length > headerBytesMax)
    throw malformed(`Its header is said to have ${length} bytes; at most ${headerBytesMax} are allowed.`)
  const lacking = 8 + length - source.size
  if (lacking > 0) throw new TensorFileError('torn', `It ends ${formatBytesLacking(lacking)} before its header does.`)
  const bytes = await source.read(8, length)
  if (bytes[0] !== 0x7b) throw malformed('Its header does not begin with «{».')
  return { header: parseHeader(bytes), dataAt: 8 + length }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  checkJson(bytes, jsonBounds)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
  } catch (cause) {
    throw malformed('Its header is no JSON.', cause)
  }
  throw malformed('Its header is no JSON object.')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `dtype` is null for one that is not known. */
type Entry = {
  name: string
  word: string
  dtype: TensorDtype | null
  shape: number[]
  count: number
  begin: number
  end: number
}

function readEntry(name: string, value: unknown): Entry {
  if (!isRecord(value)) throw malformed(`What its header says of ${quote(name)} is no object.`)
  const { dtype: word, shape, data_offsets: offsets } = value
  if (typeof word !== 'string') throw malformed(`The tensor ${quote(name)} has no dtype.`)
  if (!isNumbers(shape) || shape.length > catalogueLimits.dimensionsMax)
    throw malformed(`The tensor ${quote(name)} has no shape.`)
  const count = countElements(shape)
  if (count === undefined) throw malformed(`The shape of ${quote(name)} is none: ${quote(JSON.stringify(shape))}.`)
  if (!isNumbers(offsets) || offsets.length !== 2 || !offsets.every((one) => Number.isSafeInteger(one) && one >= 0))
    throw malformed(`The offsets of ${quote(name)} are none.`)
  const [begin = 0, end = 0] = offsets
  const dtype = Object.hasOwn(dtypes, word) ? (dtypes[word] ?? null) : null
  if (end < begin) throw malformed(`The tensor ${quote(name)} ends before it begins.`)
  if (dtype !== null && end - begin !== count * elementBytes[dtype])
    throw malformed(
      `The tensor ${quote(name)} has ${end - begin} bytes; ${word} of shape [${shape.join(', ')}] has ${count * elementBytes[dtype]}.`,
    )
  return { name, word, dtype, shape, count, begin, end }
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
}

/** Every byte behind the header belongs to exactly one tensor. */
function checkOffsets(entries: readonly Entry[], dataBytes: number): void {
  let at = 0
  for (const { name, begin, end } of entries.toSorted((one, other) => one.begin - other.begin || one.end - other.end)) {
    if (begin !== at)
      throw malformed(`The tensor ${quote(name)} ${begin < at ? 'overlaps another one' : 'leaves a gap before it'}.`)
    at = end
  }
  if (at > dataBytes)
    throw new TensorFileError('torn', `It ends ${formatBytesLacking(at - dataBytes)} before its last tensor does.`)
  if (at < dataBytes) throw malformed(`It has ${formatBytesLacking(dataBytes - at)} behind its last tensor.`)
}

function placeTensor({ name, word, dtype, shape, count, begin }: Entry, dataAt: number): StoredTensor {
  const place = { at: dataAt + begin, offset: 0, strides: makeStrides(shape), isSwapped: endianness() !== 'LE' }
  return {
    name: name.slice(0, catalogueLimits.nameLengthMax),
    dtype,
    shape,
    count,
    place: dtype === null ? null : place,
    note: dtype === null ? `its dtype ${quote(word)} is not looked into` : null,
  }
}

function readMetadata(metadata: unknown): Record<string, unknown> {
  if (metadata === undefined || metadata === null) return {}
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string'))
    throw malformed('Its metadata does not map words to words.')
  return metadata
}

function showMetadata([key, value]: [string, unknown]): StoredValue {
  return {
    name: `__metadata__.${key}`.slice(0, catalogueLimits.nameLengthMax),
    value: String(value).slice(0, textShownMax),
  }
}
