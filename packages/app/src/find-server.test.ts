import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findServer } from './find-server.ts'
import { makeTestWorld } from './test-world.ts'

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'pilothouse-app-'))
  writeFileSync(join(data, 'server.json'), JSON.stringify({ url: 'http://127.0.0.1:4080' }))
  writeFileSync(join(data, 'admin.token'), 'ph_admin\n')
  writeFileSync(join(data, 'report.token'), 'ph_report\n')
})
afterEach(() => rmSync(data, { recursive: true }))

describe('the control room is found', () => {
  it('in the data folder, with the token that lies there', () => {
    const { world } = makeTestWorld({ PILOTHOUSE_DATA: data })
    expect(findServer({}, world)).toMatchObject({ url: 'http://127.0.0.1:4080', token: 'ph_admin' })
    expect(findServer({}, world, 'report.token')).toEqual({
      url: 'http://127.0.0.1:4080',
      token: 'ph_report',
      tokenPath: join(data, 'report.token'),
    })
  })

  it('by the environment, before the data folder', () => {
    const { world } = makeTestWorld({
      PILOTHOUSE_DATA: data,
      PILOTHOUSE_URL: 'http://far:1/',
      PILOTHOUSE_TOKEN: 'ph_far',
    })
    expect(findServer({}, world)).toEqual({ url: 'http://far:1', token: 'ph_far', tokenPath: null })
  })

  it('by the command line, before the environment', () => {
    const { world } = makeTestWorld({ PILOTHOUSE_URL: 'http://far:1', PILOTHOUSE_TOKEN: 'ph_far' })
    expect(findServer({ url: 'http://near:2', token: 'ph_near' }, world)).toMatchObject({
      url: 'http://near:2',
      token: 'ph_near',
    })
    expect(findServer({ data }, world)).toMatchObject({ url: 'http://127.0.0.1:4080', token: 'ph_admin' })
  })
})

it('the token of the data folder is never given to another server', () => {
  const { world } = makeTestWorld({ PILOTHOUSE_DATA: data })
  expect(() => findServer({ url: 'http://elsewhere:4080' }, world)).toThrow(
    'There is no token for http://elsewhere:4080.',
  )
})

it('without any trace of one it says what to do', () => {
  const { world } = makeTestWorld({ PILOTHOUSE_DATA: join(data, 'empty') })
  expect(() => findServer({}, world)).toThrow(
    expect.objectContaining({ exit: 'noServer', next: expect.stringContaining('pilothouse serve') }),
  )
})

it('a broken server.json counts as none', () => {
  writeFileSync(join(data, 'server.json'), '{"url": ')
  const { world } = makeTestWorld({ PILOTHOUSE_DATA: data })
  expect(() => findServer({}, world)).toThrow('No control room is known here.')
})
