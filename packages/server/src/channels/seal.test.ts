import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSeal } from './seal.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-seal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('what was sealed opens again with the same key, also after a restart, and no text is sealed the same way twice', async () => {
  const seal = await openSeal(folder)
  const sealed = seal.seal('https://example.org/secret')
  expect(sealed).not.toContain('secret')
  expect(seal.seal('https://example.org/secret')).not.toBe(sealed)
  expect((await openSeal(folder)).open(sealed)).toBe('https://example.org/secret')
  expect((await stat(join(folder, 'channels.key'))).mode & 0o777).toBe(0o600)
})

it('what was changed, or sealed by another key, does not open, and says what to do', async () => {
  const seal = await openSeal(folder)
  const sealed = seal.seal('text')
  const [version, nonce, tag, data = ''] = sealed.split('.')
  const changed = [version, nonce, tag, Buffer.from('other').toString('base64url') + data.slice(7)].join('.')
  for (const wrong of [changed, '', 'v1', 'v2.a.b.c', sealed.replace('v1', 'v2')])
    expect(() => seal.open(wrong)).toThrow('sealed by another key')
  await rm(join(folder, 'channels.key'))
  const other = await openSeal(folder)
  expect(() => other.open(sealed)).toThrow('sealed by another key')
})

it('a damaged key is told when the server starts', async () => {
  await writeFile(join(folder, 'channels.key'), 'short')
  await expect(openSeal(folder)).rejects.toMatchObject({ code: 'unavailable' })
})
