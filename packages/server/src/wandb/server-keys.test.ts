import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ServerKeys, findPassword } from './server-keys.ts'

const service = 'https://api.wandb.ai'

it('a netrc file is read as W&B’s own tools read it', () => {
  const text =
    'machine other.example login user password no\nmachine api.wandb.ai\n  login user\n  password yes\ndefault password none'
  expect(findPassword(text, 'api.wandb.ai')).toBe('yes')
  expect(findPassword(text, 'wandb.example')).toBeUndefined()
  expect(findPassword('', 'api.wandb.ai')).toBeUndefined()
})

it('WANDB_API_KEY goes before the netrc file, at the server that WANDB_BASE_URL names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-netrc-'))
  const netrcFile = join(folder, '.netrc')
  await writeFile(netrcFile, 'machine api.wandb.ai login user password from-file')
  const keys = new ServerKeys({ apiKey: 'from-environment', baseUrl: 'https://wandb.example/', netrcFile })
  expect(await keys.find('https://wandb.example')).toMatchObject({ key: 'from-environment', source: 'environment' })
  expect(await keys.find(service)).toMatchObject({ key: 'from-file', source: 'netrc' })
  expect(await keys.find('https://third.example')).toBeUndefined()
  await rm(folder, { recursive: true })
})

it('without a netrc file there is no key', async () => {
  const keys = new ServerKeys({ apiKey: null, baseUrl: 'https://wandb.ai', netrcFile: '/nowhere/.netrc' })
  expect(await keys.find(service)).toBeUndefined()
})
