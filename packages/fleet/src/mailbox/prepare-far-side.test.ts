import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writePrepareScript } from './prepare-far-side.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ph-far side-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const run = (script: string): string =>
  execFileSync('sh', { input: script, encoding: 'utf8', env: { ...process.env, HOME: home } })

it('makes mailboxes for their user alone and tells their whole paths', () => {
  const output = run(
    writePrepareScript({ mailboxes: ['~/.pilothouse/mailbox', join(home, "it's $(id)")], token: null }),
  )
  expect(output).toBe(`mailbox ${home}/.pilothouse/mailbox\nmailbox ${home}/it's $(id)\n`)
  expect(statSync(join(home, '.pilothouse')).mode & 0o777).toBe(0o700)
})

it('says which folder cannot be made', () => {
  expect(run(writePrepareScript({ mailboxes: ['/proc/none'], token: null }))).toBe('unmade /proc/none\n')
})

it('writes the token into a file that only its user reads, also over one that others could read', () => {
  run(
    'mkdir "$HOME"/.pilothouse; echo old > "$HOME"/.pilothouse/report.token; chmod 644 "$HOME"/.pilothouse/report.token',
  )
  const output = run(writePrepareScript({ mailboxes: [], token: 'ph_$HOME`id`' }))
  const path = join(home, '.pilothouse', 'report.token')
  expect([output, readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
    `token ${path}\n`,
    'ph_$HOME`id`\n',
    0o600,
  ])
  // Later, without a token at hand, the file is found.
  expect(run(writePrepareScript({ mailboxes: [], token: null }))).toBe(`token ${path}\n`)
})

it('refuses what could be more than a token', () => {
  expect(() => writePrepareScript({ mailboxes: [], token: 'a\nPILOTHOUSE_TOKEN_ENDS\nid' })).toThrow('no token has')
})
