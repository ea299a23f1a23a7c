import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { formatEnvironmentLines, formatForwardLine, isLoopback, quoteForShell } from './setup-lines.ts'

const facts = { origin: 'http://127.0.0.1:4081', dataFolder: '/data/my jobs', token: null }

test('beside the server its data folder says everything', () => {
  expect(formatEnvironmentLines('here', facts)).toBe("export PILOTHOUSE_DATA='/data/my jobs'")
})

test('elsewhere a script needs the address and a token, and so it does where the folder is not told', () => {
  const token = 'ph_abc'
  const lines = 'export PILOTHOUSE_URL=http://127.0.0.1:4081\nexport PILOTHOUSE_TOKEN=ph_abc'
  expect(formatEnvironmentLines('elsewhere', { ...facts, token })).toBe(lines)
  expect(formatEnvironmentLines('here', { ...facts, token, dataFolder: null })).toBe(lines)
})

test('a server on its own machine is reached through ssh, at its own port', () => {
  expect(formatForwardLine(facts.origin)).toBe('ssh -R 4081:127.0.0.1:4081 <machine>')
})

test.each([
  ['http://127.0.0.1:4080', true],
  ['http://127.3.0.9:4080', true],
  ['http://localhost', true],
  ['http://[::1]:4080', true],
  ['http://page.localhost:4080', true],
  ['https://jobs.example.org', false],
  ['http://10.0.0.7:4080', false],
])('%s means the same machine everywhere: %s', (origin, expected) => {
  expect(isLoopback(origin)).toBe(expected)
})

test.each(['/plain/path', '/with space', "it's", '$(id)', 'a\nb', '', '`id`', '~root'])(
  'a shell reads %j as it is',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${quoteForShell(text)}`], { encoding: 'utf8' })).toBe(text)
  },
)
