import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const planted = join(import.meta.dirname, 'planted')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-arch-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('the boundary check', () => {
  it('fails on the planted violations and names each rule that they break', () => {
    const { status, output } = check(planted)
    expect(status).toBe(1)
    for (const rule of [
      'arrows-of-web',
      'no-cycle',
      'package-through-its-index',
      'pure-packages',
      'storage-knows-no-http',
    ]) {
      expect(output).toContain(`    ${rule}:`)
    }
  })

  it('passes on the same tree once the violations are gone', () => {
    cpSync(planted, folder, { recursive: true })
    rmSync(join(folder, 'packages/web'), { recursive: true })
    writeFileSync(join(folder, 'packages/contract/src/second.ts'), "export const second = 'second'\n")
    writeFileSync(join(folder, 'packages/contract/src/first.ts'), "export { second as first } from './second.ts'\n")
    writeFileSync(join(folder, 'packages/server/src/storage/open-database.ts'), 'export const database = 1\n')
    expect(check(folder)).toEqual({ status: 0, output: expect.stringContaining('4 modules') })
  })

  it('fails when it reads no modules', () => {
    expect(check(folder)).toEqual({ status: 1, output: expect.stringContaining('nothing was checked') })
  })
})

function check(tree: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'check-boundaries.ts'), tree],
    {
      encoding: 'utf8',
    },
  )
  return { status, output: stdout + stderr }
}
