import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quotePath, quoteShell } from './quote-shell.ts'

it('any text is one word that means itself', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 }).map((one) => one.replaceAll('\0', '').toWellFormed())
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (words) => {
      const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(quoteShell).join(' ')}`], {
        encoding: 'utf8',
      })
      expect(printed.split('\0').slice(0, -1)).toEqual(words)
    }),
    { numRuns: 30 },
  )
})

it('a NUL is refused', () => {
  expect(() => quoteShell('a\0b')).toThrow(RangeError)
})

it('the home folder is that of whoever runs the shell, and nothing else is read into a path', () => {
  const run = (path: string): string =>
    execFileSync('sh', ['-c', `printf '%s' ${quotePath(path)}`], { encoding: 'utf8', env: { HOME: '/home/far away' } })
  expect([run('~'), run('~/a $(id) b'), run('/x/~/y'), run('~other/x')]).toEqual([
    '/home/far away',
    '/home/far away/a $(id) b',
    '/x/~/y',
    '~other/x',
  ])
})
