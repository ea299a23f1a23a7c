import { type FileHandle, open } from 'node:fs/promises'

/** More of a first line is not read. */
const lineBytesMax = 256 * 1024

/** The model that the first request of an input asks for, as far as it can be read cheaply; else null. */
export async function readFirstModel(path: string): Promise<string | null> {
  const file = await open(path, 'r')
  try {
    return findModel(await readFirstLine(file))
  } finally {
    await file.close()
  }
}

async function readFirstLine(file: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(lineBytesMax)
  const { bytesRead } = await file.read(buffer, 0, lineBytesMax, 0)
  const text = buffer
    .toString('utf8', 0, bytesRead)
    .replace(/^\uFEFF/, '')
    .trimStart()
  return text.split('\n', 1)[0] ?? ''
}

function findModel(line: string): string | null {
  try {
    const request: unknown = JSON.parse(line)
    const model = readMember(readMember(request, 'body'), 'model')
    return typeof model === 'string' && model !== '' ? model : null
  } catch {
    return null // what is wrong with it is told when the input is checked
  }
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([one]) => one === name)?.[1]
    : undefined
}
