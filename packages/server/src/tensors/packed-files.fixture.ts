/** Checkpoint files put together by hand, to have in them what no library would write. */
import { crc32 } from 'node:zlib'

/** A safetensors file: length, header, elements. */
export function packSafetensors(header: unknown, data: Uint8Array): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}

/** A file as torch.save writes it: a zip archive of stored entries in one folder. */
export function packTorchFile(pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): Buffer {
  const files = Object.entries(storages).map(([key, content]) => [`x/data/${key}`, content] as const)
  return packZip([['x/data.pkl', pickle], ...files])
}

/** A zip archive of stored entries; with `isWide` all sizes and offsets are written as 64-bit numbers. */
export function packZip(
  files: readonly (readonly [name: string, content: Uint8Array])[],
  { isWide = false } = {},
): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, content] of files) {
    const about = Buffer.alloc(26)
    about.writeUInt16LE(45)
    about.writeUInt32LE(crc32(content), 10)
    about.writeUInt32LE(content.length, 14)
    about.writeUInt32LE(content.length, 18)
    about.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), about, Buffer.from(name), content])
    centrals.push(packCentral({ name, about, at, isWide }))
    locals.push(local)
    at += local.length
  }
  const directory = Buffer.concat(centrals)
  return Buffer.concat([...locals, directory, packEnd({ count: files.length, bytes: directory.length, at, isWide })])
}

type Central = { name: string; about: Buffer; at: number; isWide: boolean }

function packCentral({ name, about, at, isWide }: Central): Buffer {
  const bytes = BigInt(about.readUInt32LE(18))
  const wide = Buffer.concat([uint32(0x0018_0001), uint64(bytes), uint64(bytes), uint64(BigInt(at))])
  const header = Buffer.concat([Buffer.from('PK\u0001\u0002\0\0'), about, Buffer.alloc(10), uint32(at)])
  if (isWide) {
    for (const place of [20, 24, 42]) header.writeUInt32LE(0xffff_ffff, place)
    header.writeUInt16LE(wide.length, 30)
  }
  return Buffer.concat([header, Buffer.from(name), ...(isWide ? [wide] : [])])
}

type End = { count: number; bytes: number; at: number; isWide: boolean }

function packEnd({ count, bytes, at, isWide }: End): Buffer {
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(isWide ? 0xffff : count, 8)
  end.writeUInt16LE(isWide ? 0xffff : count, 10)
  end.writeUInt32LE(isWide ? 0xffff_ffff : bytes, 12)
  end.writeUInt32LE(isWide ? 0xffff_ffff : at, 16)
  if (!isWide) return end
  const [total, one] = [uint64(BigInt(count)), Buffer.alloc(12)]
  one.writeUInt16LE(45, 0)
  one.writeUInt16LE(45, 2)
  const place = [uint64(BigInt(bytes)), uint64(BigInt(at))]
  const wide = Buffer.concat([Buffer.from('PK\u0006\u0006'), uint64(44n), one, total, total, ...place])
  const locator = Buffer.concat([Buffer.from('PK\u0006\u0007'), uint32(0), uint64(BigInt(at + bytes)), uint32(1)])
  return Buffer.concat([wide, locator, end])
}

type View = { offset: number; shape: string; stride: string; length: number }

/** A tensor of float32 as torch.save describes it; shape and stride are the opcodes of their tuples. */
export function pickleTensor({ offset, shape, stride, length }: View): Buffer {
  const word = (text: string): Buffer => pickle('X', uint32(text.length), text)
  const storage = pickle(
    '(',
    word('storage'),
    'ctorch\nFloatStorage\n',
    word('0'),
    word('cpu'),
    'J',
    uint32(length),
    'tQ',
  )
  const rest = `${shape}${stride}\x89ccollections\nOrderedDict\n)RtR.`
  return pickle('ctorch._utils\n_rebuild_tensor_v2\n(', storage, 'J', uint32(offset), rest)
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Bytes of opcodes, which are texts, numbers from 0 to 255, or bytes. */
export function pickle(...parts: readonly (string | number | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? latin(part) : typeof part === 'number' ? Buffer.of(part) : part)),
  )
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
