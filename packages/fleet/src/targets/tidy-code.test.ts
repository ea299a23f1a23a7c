/** Code that lies on real machines for long, beside runs that use it. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { packFolder, startLocalLab, startSshLab, type TargetLab } from './target.fixture.ts'
import type { Target } from './target.ts'

const dayMs = 24 * 3_600_000
let source: string
beforeAll(() => {
  source = mkdtempSync(join(tmpdir(), 'ph-code-'))
  for (let at = 0; at < 50; at += 1) writeFileSync(join(source, `part-${at}`), `${at}\n`)
  // An archive says how old its folder is.
  age(source, 400)
})
afterAll(() => rmSync(source, { recursive: true }))

function age(path: string, days: number): void {
  const at = new Date(Date.now() - days * dayMs)
  utimesSync(path, at, at)
}

describe.each<[string, () => Promise<TargetLab>]>([
  ['on this machine', startLocalLab],
  ['over ssh', startSshLab],
])('code that nobody uses %s', (_, startLab) => {
  let lab: TargetLab
  let target: Target
  let code: string
  beforeAll(async () => {
    lab = await startLab()
    target = lab.open()
    code = join(lab.base, 'code')
  })
  beforeEach(() => {
    for (const name of ['code', 'runs']) rmSync(join(lab.base, name), { recursive: true, force: true })
  })
  afterAll(async () => {
    await target.close()
    await lab.stop()
  })

  function addCode(name: string, days: number): string {
    const folder = join(code, name)
    mkdirSync(join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'src/train.py'), 'print()\n')
    age(folder, days)
    return folder
  }

  /** A run whose folder has not changed for so long. */
  function addRun(name: string, uses: string, { days, hasEnded }: { days: number; hasEnded: boolean }): string {
    const folder = join(lab.base, 'runs', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'script'), `#!/bin/sh\ncp -R '${uses}' code.new\n`)
    if (hasEnded) writeFileSync(join(folder, 'exit.json'), '{}\n')
    for (const file of readdirSync(folder)) age(join(folder, file), days)
    return folder
  }

  const left = (): string[] => readdirSync(code).toSorted()
  const tidy = (inUse: string[] = [], unusedDays = 14) => target.tidyCode({ unusedDays, inUse })

  it('goes when it is old, mirrors too, and what cannot be written to; what is young stays', async () => {
    chmodSync(join(addCode('git-aa', 15), 'src'), 0o555)
    for (const [name, days] of [
      ['git-bb', 13],
      ['ab12', 30],
      ['mirrors/cd.git', 15],
      ['mirrors/ef.git', 1],
    ] as const)
      addCode(name, days)
    expect((await tidy()).toSorted()).toEqual(['ab12', 'git-aa', 'mirrors/cd.git'])
    await expect.poll(left).toEqual(['git-bb', 'mirrors'])
    await expect.poll(() => readdirSync(join(code, 'mirrors'))).toEqual(['ef.git'])
    expect(await tidy([], 2)).toEqual(['git-bb'])
    rmSync(code, { recursive: true })
    expect(await tidy()).toEqual([])
  })

  it('stays while a run uses it, runs, waits, or has ended a short while ago', async () => {
    const names = ['ended', 'lately', 'lost', 'running', 'said', 'waiting'].map((name) => `git-${name}`)
    const [ended = '', lately = '', lost = '', running = '', said = '', waiting = ''] = names.map((name) =>
      addCode(name, 200),
    )
    addRun('ended', ended, { days: 20, hasEnded: true })
    addRun('lately', lately, { days: 3, hasEnded: true })
    addRun('lost', lost, { days: 120, hasEnded: false })
    // Its log goes on.
    writeFileSync(join(addRun('running', running, { days: 120, hasEnded: false }), 'log'), 'step 1\n')
    addRun('waiting', waiting, { days: 60, hasEnded: false })
    const inUse = [addRun("it's said", said, { days: 400, hasEnded: true })]
    expect((await tidy(inUse)).toSorted()).toEqual(['git-ended', 'git-lost'])
    await expect.poll(left).toEqual(['git-lately', 'git-running', 'git-said', 'git-waiting'])
  })

  it('is young once somebody has brought it, or found it there', async () => {
    const packed = packFolder(source)
    const folder = await target.ship(packed)
    expect(await tidy()).toEqual([])
    age(folder, 30)
    expect(await target.ship(packed)).toBe(folder)
    expect(await tidy()).toEqual([])
    age(folder, 30)
    expect(await tidy()).toEqual([packed.digest])
    expect(existsSync(folder)).toBe(false)
  })

  it('is whole for whoever begins to use it just then', async () => {
    const packed = packFolder(source)
    const other = lab.open()
    for (let time = 0; time < 10; time += 1) {
      const folder = await target.ship(packed)
      age(folder, 30)
      const [, path] = await Promise.all([other.tidyCode({ unusedDays: 14, inUse: [] }), target.ship(packed)])
      expect(path).toBe(folder)
      expect(readdirSync(path).toSorted()).toEqual(readdirSync(source).toSorted())
    }
    await other.close()
    await expect.poll(left).toEqual([packed.digest])
  })
})
