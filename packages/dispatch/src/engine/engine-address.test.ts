import { PilothouseError } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { readEngineAddress } from './engine-address.ts'

function join(baseUrl: string, path: string): string {
  const { origin, pathOf } = readEngineAddress(baseUrl)
  return origin + pathOf(path)
}

it('v1 stands once in an address, with and without it in the base', () => {
  for (const base of ['http://host:8000', 'http://host:8000/', 'http://host:8000/v1', 'http://host:8000/v1/']) {
    expect(join(base, '/v1/chat/completions')).toBe('http://host:8000/v1/chat/completions')
    expect(join(base, '/metrics')).toBe('http://host:8000/metrics')
  }
})

it('a prefix and a query stay', () => {
  expect(join('https://host/api', '/v1/models')).toBe('https://host/api/v1/models')
  expect(join('https://host/api/v1/', '/health')).toBe('https://host/api/health')
  expect(join('https://host/api/v1?version=3', '/v1/models')).toBe('https://host/api/v1/models?version=3')
  expect(join('https://host/dev1', '/v1/models')).toBe('https://host/dev1/v1/models')
})

it('what is no address of an engine is refused, and a password is not repeated', () => {
  for (const base of ['', 'host:8000', 'ftp://host', 'http://']) {
    expect(() => readEngineAddress(base)).toThrow(PilothouseError)
  }
  expect(() => readEngineAddress('http://me:hunter2@host')).toThrow(/no password/)
})
