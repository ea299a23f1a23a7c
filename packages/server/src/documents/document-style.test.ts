import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentStyle } from './document-style.ts'

const tokens = readFileSync(new URL('../../../web/src/style/tokens.css', import.meta.url), 'utf8')

test('documents have the colours of the page, light and dark', () => {
  const known = new Set(tokens.match(/--[a-z0-9-]+: oklch\([^)]*\);/g))
  const used = documentStyle.match(/--[a-z0-9-]+: oklch\([^)]*\);/g) ?? []
  expect(used.length).toBe(40)
  expect(used.filter((one) => !known.has(one))).toEqual([])
})

test('nothing in the style is fetched', () => {
  expect(documentStyle).not.toMatch(/url\(|@import|@font-face/)
})
