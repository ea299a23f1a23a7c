import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findProviderKey } from './find-provider-key.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ph-home-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(home, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

it('the key of vast.ai is found where its client keeps it, the environment first', async () => {
  const search = { environment: {}, home }
  const older = write('.vast_api_key', 'older\n')
  expect(await findProviderKey('vast', search)).toEqual({ key: 'older', source: older })
  const newer = write('.config/vastai/vast_api_key', 'newer\n')
  expect(await findProviderKey('vast', search)).toEqual({ key: 'newer', source: newer })
  const moved = write('conf/vastai/vast_api_key', 'moved')
  const environment = { XDG_CONFIG_HOME: join(home, 'conf') }
  expect(await findProviderKey('vast', { environment, home })).toEqual({ key: 'moved', source: moved })
  const set = { environment: { VAST_API_KEY: ' set ' }, home }
  expect(await findProviderKey('vast', set)).toEqual({ key: 'set', source: 'VAST_API_KEY' })
})

it.each(['apikey = "rpa_1"\n', 'apiurl = "x"\napiKey = \'rpa_1\'', '[default]\napi_key = "rpa_1"\n'])(
  'the key of RunPod is found in %j',
  async (toml) => {
    const path = write('.runpod/config.toml', toml)
    expect(await findProviderKey('runpod', { environment: {}, home })).toEqual({ key: 'rpa_1', source: path })
  },
)

it('where there is none, the places that were looked at are told', async () => {
  write('.vast_api_key', '  \n')
  write('.config/vastai/vast_api_key', 'two words\nof text')
  expect(await findProviderKey('vast', { environment: { VAST_API_KEY: '' }, home })).toEqual({
    key: null,
    looked: ['VAST_API_KEY', join(home, '.config/vastai/vast_api_key'), join(home, '.vast_api_key')],
  })
  const none = await findProviderKey('runpod', { environment: {}, home })
  expect(none).toEqual({ key: null, looked: ['RUNPOD_API_KEY', join(home, '.runpod/config.toml')] })
  expect(await findProviderKey('mock', { environment: {}, home })).toEqual({ key: null, looked: [] })
})
