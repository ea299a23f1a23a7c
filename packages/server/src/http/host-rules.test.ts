import { describe, expect, it } from 'vitest'
import { findForeignSource, isHostAllowed, makeHostRules } from './host-rules.ts'

const rules = makeHostRules({ host: '127.0.0.1', allowHosts: ['lab.example.org', 'localhost:5173'] })

describe('the Host header', () => {
  it.each([
    'localhost:4080',
    'LOCALHOST',
    '127.0.0.1:4080',
    '127.1.2.3',
    '[::1]:9000',
    'lab.example.org',
    'lab.example.org.',
    'lab.example.org:443',
  ])('may be %s', (host) => expect(isHostAllowed(rules, host)).toBe(true))

  it.each([
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1:4080',
    'lab.example.org@evil.example',
    '127.0.0.1.evil.example',
    'a b',
    '',
    undefined,
  ])('may not be %s', (host) => expect(isHostAllowed(rules, host)).toBe(false))

  it('may be any address, but no unknown name, when listening on all addresses', () => {
    const open = makeHostRules({ host: '0.0.0.0', allowHosts: [] })
    expect(isHostAllowed(open, '192.168.1.7:4080')).toBe(true)
    expect(isHostAllowed(open, 'evil.example:4080')).toBe(false)
  })
})

describe('a write', () => {
  const write = { host: 'localhost:4080', origin: undefined, fetchSite: undefined, byCookie: false }

  it('passes without an origin when it comes with a token', () => {
    expect(findForeignSource(rules, write)).toBeUndefined()
  })

  it('passes from the page of the same host and port', () => {
    expect(
      findForeignSource(rules, { ...write, origin: 'http://localhost:4080', fetchSite: 'same-origin', byCookie: true }),
    ).toBeUndefined()
    expect(
      findForeignSource(rules, { ...write, host: 'lab.example.org', origin: 'https://lab.example.org' }),
    ).toBeUndefined()
  })

  it('passes from an origin that was allowed with its port', () => {
    expect(findForeignSource(rules, { ...write, origin: 'http://localhost:5173' })).toBeUndefined()
  })

  it.each([
    'http://localhost:3000',
    'http://evil.example',
    'https://lab.example.org',
    'null',
    'file://',
    'http://localhost:4080.evil.example',
    'nonsense',
  ])('is refused from the origin %s', (origin) =>
    expect(findForeignSource(rules, { ...write, origin })).toContain('page'),
  )

  it.each(['cross-site', 'same-site'])('is refused when the browser calls it %s', (fetchSite) => {
    expect(findForeignSource(rules, { ...write, fetchSite })).toContain(fetchSite)
  })

  it('is refused with a cookie that comes from nowhere', () => {
    expect(findForeignSource(rules, { ...write, byCookie: true })).toContain('Origin')
  })
})
