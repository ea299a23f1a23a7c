import type { FileHandle } from 'node:fs/promises'

export type FileSpan = { offset: number; bytes: number }

/** Neighbours are read together while no more than that lies between them, unread otherwise. */
const gapBytesMax = 16 * 1024
/** So much is read at once at most, unless one span alone is longer. */
const groupBytesMax = 1024 * 1024

/**
 * Reads pieces of a file wherever they lie; those that lie near each other in one read.
 * @returns the bytes of each, in the order asked for; null where the file ends before
 */
export async function readSpans(file: FileHandle, spans: readonly FileSpan[]): Promise<(Buffer | null)[]> {
  const found: (Buffer | null)[] = spans.map(() => null)
  await Promise.all(
    groupNeighbours(spans).map(async (group) => {
      const bytes = await readFully(file, group)
      for (const { offset, bytes: length, place } of group.members) {
        const start = offset - group.offset
        if (start + length <= bytes.length) found[place] = bytes.subarray(start, start + length)
      }
    }),
  )
  return found
}

type Member = FileSpan & { place: number }
type Group = FileSpan & { members: Member[] }

function groupNeighbours(spans: readonly FileSpan[]): Group[] {
  const members = spans.map(({ offset, bytes }, place) => ({ offset, bytes, place }))
  members.sort((one, other) => one.offset - other.offset)
  const groups: Group[] = []
  for (const member of members) {
    const last = groups.at(-1)
    if (last && isNeighbour(last, member)) joinGroup(last, member)
    else groups.push({ offset: member.offset, bytes: member.bytes, members: [member] })
  }
  return groups
}

function isNeighbour(group: Group, { offset, bytes }: Member): boolean {
  const isNear = offset - (group.offset + group.bytes) <= gapBytesMax
  return isNear && offset + bytes - group.offset <= groupBytesMax
}

function joinGroup(group: Group, member: Member): void {
  group.bytes = Math.max(group.bytes, member.offset + member.bytes - group.offset)
  group.members.push(member)
}

/** As many of the bytes as the file has. */
async function readFully(file: FileHandle, { offset, bytes }: FileSpan): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
