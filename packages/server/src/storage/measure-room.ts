import { statfs } from 'node:fs/promises'

/** Of a disk so much stays free, so that nothing large takes the room that the control room itself needs. */
const reserveBytesMax = 1024 ** 3
const reserveShare = 0.05

/** Bytes that may still be written to the disk of a folder. */
export async function measureRoom(folder: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return Math.max(0, bavail * bsize - Math.min(reserveBytesMax, blocks * bsize * reserveShare))
}
