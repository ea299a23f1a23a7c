/** Archives on their way to real machines: whole, once, or not at all. */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSmallDisk } from '../../../../lab/start-small-disk.ts'
import { startSshd } from '../../../../lab/start-sshd.ts'
import { SshLink } from '../ssh/ssh-link.ts'
import { openSshTarget } from './shell-target.ts'
import type { Archive, Target } from './target.ts'
import { packFolder, startLocalLab, startSshLab, type TargetLab } from './target.fixture.ts'

type Packed = ReturnType<typeof packFolder>

let source: string
let packed: Packed
beforeAll(() => {
  source = mkdtempSync(join(tmpdir(), 'ph-code-'))
  mkdirSync(join(source, 'a folder'))
  writeFileSync(join(source, 'a folder', "it's $(touch bad).py"), 'print()\n')
  // Does not get smaller by compression, so that it comes in many pieces.
  const noise = execFileSync('head', ['-c', '3000000', '/dev/urandom'], { maxBuffer: 4_000_000 })
  writeFileSync(join(source, 'noise'), noise)
  writeFileSync(join(source, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
  packed = packFolder(source)
})
afterAll(() => rmSync(source, { recursive: true }))

/** Files by their paths, with what is in them. */
function readAll(folder: string): [string, string][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length)).toSorted()
  return paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')])
}

/** Its first half, then whatever `pause` does, then the rest. */
function pauseHalfway(archive: Packed, pause: () => Promise<void>): Archive {
  async function* read(): AsyncGenerator<Buffer> {
    const half = archive.content.length >> 1
    yield archive.content.subarray(0, half)
    await pause()
    yield archive.content.subarray(half)
  }
  return { ...archive, open: () => Readable.from(read()) }
}

describe.each<[string, () => Promise<TargetLab>]>([
  ['to this machine', startLocalLab],
  ['over ssh', startSshLab],
])('an archive %s', (_, startLab) => {
  let lab: TargetLab
  let target: Target
  let code: string
  beforeAll(async () => {
    lab = await startLab()
    target = lab.open()
    code = join(lab.base, 'code')
  })
  beforeEach(() => rmSync(code, { recursive: true, force: true }))
  afterAll(async () => {
    await target.close()
    await lab.stop()
  })

  const expectNothing = (): Promise<void> => expect.poll(() => (existsSync(code) ? readdirSync(code) : [])).toEqual([])

  it('arrives as it was, and is not sent again', async () => {
    const told: number[] = []
    const path = await target.ship(packed, { tell: (bytes) => told.push(bytes) })
    expect(path).toBe(join(code, packed.digest))
    expect(readAll(path)).toEqual(readAll(source))
    execFileSync('test', ['-x', join(path, 'run.sh')])
    expect(told.at(-1)).toBe(packed.bytes)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    const unread = (): Readable => {
      throw new Error('It is read again.')
    }
    expect(await target.ship({ ...packed, open: unread })).toBe(path)
    expect(readdirSync(code)).toEqual([packed.digest])
  })

  it('sent by several at once is there once', async () => {
    const paths = await Promise.all([1, 2, 3].map(() => target.ship(packed)))
    expect(new Set(paths)).toEqual(new Set([join(code, packed.digest)]))
    await expect.poll(() => readdirSync(code)).toEqual([packed.digest])
    expect(readAll(paths[0] ?? '')).toEqual(readAll(source))
  })

  it('that is not what it says, or cannot be read, does not come to be there', async () => {
    const other = Buffer.from(packed.content)
    other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1)
    await expect(target.ship({ ...packed, open: () => Readable.from([other]) })).rejects.toThrow(RangeError)
    const short = packed.content.subarray(0, 1_000_000)
    await expect(target.ship({ ...packed, open: () => Readable.from([short]) })).rejects.toThrow(RangeError)
    const failing = pauseHalfway(packed, () => Promise.reject(new Error('The disk failed.')))
    await expect(target.ship(failing)).rejects.toThrow('The disk failed.')
    await expectNothing()
    await expect(target.ship({ ...packed, digest: '../x' })).rejects.toThrow(RangeError)
    await expect(target.ship({ ...packed, bytes: 2 ** 40 })).rejects.toThrow(RangeError)
    const noTar = Buffer.from('no archive')
    const digest = createHash('sha256').update(noTar).digest('hex')
    const wrong = { digest, bytes: noTar.length, open: () => Readable.from([noTar]) }
    await expect(target.ship(wrong)).rejects.toMatchObject({ kind: 'unmade' })
    await expectNothing()
  })

  it('that is given up halfway leaves nothing, and comes whole the next time', async () => {
    const stop = new AbortController()
    const halfway = pauseHalfway(packed, async () => {
      await expect.poll(() => existsSync(code) && readdirSync(code).length > 0).toBe(true)
      stop.abort(new Error('No more.'))
    })
    await expect(target.ship(halfway, { signal: stop.signal })).rejects.toThrow('No more.')
    await expectNothing()
    expect(await target.ship(packed)).toBe(join(code, packed.digest))
  })
})

it('one whose connection breaks halfway leaves nothing, and comes whole the next time', async () => {
  const lab = await startSshLab()
  const target = lab.open()
  const code = join(lab.base, 'code')
  const halfway = pauseHalfway(packed, async () => {
    await expect.poll(() => existsSync(code) && readdirSync(code).length > 0).toBe(true)
    await lab.links.at(-1)?.close()
  })
  await expect(target.ship(halfway)).rejects.toMatchObject({ name: 'SshError' })
  await expect.poll(() => readdirSync(code)).toEqual([])
  const path = await target.ship(packed)
  expect(readAll(path)).toEqual(readAll(source))
  await target.close()
  await lab.stop()
})

it('a disk that is full is told, and nothing half stays on it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ph-full-'))
  const disk = await startSmallDisk(folder, 8)
  const sshd = await startSshd({ enter: disk.enter })
  const connect = (): Promise<SshLink> => SshLink.open({ host: 'lab', configPath: sshd.configPath })
  const target = openSshTarget({ name: 'lab', root: folder, connect })
  const files = (): string[] => readdirSync(disk.outside, { recursive: true, encoding: 'utf8' })
  try {
    // Sent it fits, unpacked beside what was sent it does not.
    disk.fill()
    await expect(target.ship(packed)).rejects.toMatchObject({
      kind: 'unmade',
      message: expect.stringContaining('No space left'),
    })
    disk.relieve()
    writeFileSync(join(disk.outside, 'half'), Buffer.alloc(4 * 1024 * 1024))
    await expect(target.ship(packed)).rejects.toMatchObject({ kind: 'unmade' })
    await expect.poll(files).toEqual(['code', 'half'].toSorted())
    rmSync(join(disk.outside, 'half'))
    const path = await target.ship(packed)
    expect(readFileSync(join(disk.outside, path.slice(folder.length), 'run.sh'), 'utf8')).toBe('#!/bin/sh\n')
  } finally {
    await target.close()
    await sshd.stop()
    await disk.stop()
    rmSync(folder, { recursive: true })
  }
})
