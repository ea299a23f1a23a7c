import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readTopFile } from './read-top-file.ts'

let home: string
let place: Parameters<typeof readTopFile>[1]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pilothouse-top-'))
  place = { environment: {}, home, workingFolder: home }
  mkdirSync(join(home, '.config', 'pilothouse'), { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true }))

const yaml = `# all of it
interval: 10
provider: [vast, runpod]
instances: [30007012, abc-1]
readOnly: true
theme: light
title: night shift
groups:
  llm: ["llama-*", 30007012]
profile:
  base: seed
  lossFrom: 20
patterns:
  - 'it (?<step>\\d+) err (?<loss>[\\d.]+)'
  - { name: mine, regex: 'done (?<epoch>\\d+)', endsEpoch: true }
logs: [/workspace/*.log]
alerts: { webhook: "https://example.org/hook" }
`

const toml = `interval = 10
provider = "vast"
[profile]
base = "seed"
[groups]
llm = ["llama-*"]
`

describe('the file of top', () => {
  it('is read as YAML, every field of it', async () => {
    write('top.yaml', yaml)
    expect(await readTopFile(undefined, place)).toMatchObject({
      interval: 10,
      providers: ['vast', 'runpod'],
      instances: ['30007012', 'abc-1'],
      readOnly: true,
      theme: 'light',
      title: 'night shift',
      groups: [{ name: 'llm', match: ['llama-*', '30007012'] }],
      profile: { lossFrom: 20, busyFrom: 95 },
      patterns: [{ regex: String.raw`it (?<step>\d+) err (?<loss>[\d.]+)` }, { name: 'mine', endsEpoch: true }],
      logs: ['/workspace/*.log'],
      webhook: 'https://example.org/hook',
    })
  })

  it('is read as TOML, and from where XDG_CONFIG_HOME points', async () => {
    mkdirSync(join(home, 'xdg', 'pilothouse'), { recursive: true })
    writeFileSync(join(home, 'xdg', 'pilothouse', 'top.toml'), toml)
    const elsewhere = { ...place, environment: { XDG_CONFIG_HOME: join(home, 'xdg') } }
    expect(await readTopFile(undefined, elsewhere)).toMatchObject({
      interval: 10,
      providers: ['vast'],
      profile: { busyFrom: 95 },
      groups: [{ name: 'llm', match: ['llama-*'] }],
    })
  })

  it('need not be there, unless it was named', async () => {
    expect(await readTopFile(undefined, place)).toEqual({})
    await expect(readTopFile(join(home, 'other.yaml'), place)).rejects.toThrow(`There is no file ${home}/other.yaml.`)
  })

  it('may be empty', async () => {
    write('top.yaml', '# nothing yet\n')
    expect(await readTopFile(undefined, place)).toEqual({})
  })

  it.each([
    ['interval: 0\n', 1, 'seconds from 1 to 3600 are expected, not 0.'],
    ['theme: dark\nintervall: 5\n', 2, 'There is no «intervall»; there are interval, provider,'],
    ['instances:\n  - 1\n  - [2]\n', 3, 'the id of a machine is expected, not [2].'],
    ['theme: dark\n\nprofile:\n  idleFrom: 3\n', 4, 'A health profile has no field idleFrom'],
    ['patterns:\n  - "(?<step>"\n', 2, 'cannot be used'],
    ['alerts: { webhook: "file:///etc/passwd" }\n', 1, 'an address that begins with https:// is expected.'],
    ['- 1\n', 1, 'Fields are expected'],
    ['theme: dark\ntheme: light\n', 2, 'unique'],
  ])('says file, line and what was expected of %j', async (text, line, message) => {
    const path = write('top.yaml', text)
    await expect(readTopFile(undefined, place)).rejects.toMatchObject({
      exit: 'usage',
      message: expect.stringMatching(new RegExp(`^${path}:${line}: `)),
    })
    await expect(readTopFile(undefined, place)).rejects.toThrow(message)
  })

  it('says line and fault of TOML as well', async () => {
    const path = write('top.toml', 'theme = "dark"\n[profile]\nlossFrom = "high"\n')
    await expect(readTopFile(undefined, place)).rejects.toThrow(`${path}:3: «profile»: lossFrom of a health profile is`)
    write('top.toml', 'theme = "dark"\ninterval =\n')
    await expect(readTopFile(undefined, place)).rejects.toThrow(`${path}:2: `)
  })
})

function write(name: string, text: string): string {
  const path = join(home, '.config', 'pilothouse', name)
  writeFileSync(path, text)
  return path
}
