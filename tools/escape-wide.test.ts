import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { escapeWide } from './package/escape-wide.ts'

it('what it means stays the same in strings, templates, patterns and names, and all of it is ASCII', () => {
  const source = `const η = 2; [η, 'a → b', \`\${η} … «ü» 🚂\`, /^[─│]+$/.test('─│'), /^🚂$/u.test('🚂'), "\\\\→"]`
  const escaped = escapeWide(source)
  expect(/[^\0-\x7f]/.test(escaped)).toBe(false)
  const run = (text: string): unknown => JSON.stringify(runInNewContext(text))
  expect(run(escaped)).toBe(run(source))
})

it('source that would mean something else is left as it is', () => {
  for (const source of ['String.raw`a→`', String.raw`'\→'`]) expect(escapeWide(source)).toBe(source)
})
