import { describe, expect, it } from 'vitest'
import { checkFile, checkTree } from './house-rules.ts'

const broken = [
  ['packages/series/src/SealChunk.ts', 'export {}\n', 'kebab-case'],
  ['python/pilothouse/SealChunk.py', 'pass\n', 'snake_case'],
  ['packages/series/src/seal.ts', '\n'.repeat(501), 'split it by meaning'],
  ['packages/series/src/seal.ts', `// ${'TO' + 'DO'}: later\n`, 'finish it'],
  ['lab/setup', `cd ${'/wo' + 'rk/main'}\n`, 'no path of one machine'],
  ['package-lock.json', '      "resolved": "https://example.com/x.tgz",\n', 'the lock names no host'],
  ['tools/arch/package-lock.json', '      "resolved": "https://example.com/x.tgz",\n', 'the lock names no host'],
  ['packages/series/src/index.ts', "export * from './seal.ts'\n", 'name what is exported'],
  ['packages/series/src/chunk/index.ts', 'export {}\n', 'no index inside a package'],
  ['packages/series/src/seal.test.ts', `  it.${'skip'}('seals', () => {})\n`, 'a test runs'],
  ['packages/series/src/seal.test.ts', `  await ${'sleep'}(200)\n`, 'wait for the event'],
  ['packages/series/src/seal.ts', 'export const one = JSON.parse("1") as number\n', '«as» has its reason'],
] as const

const sound = [
  ['packages/series/src/seal-chunk.test.ts', "it('seals', () => {})\n"],
  ['packages/web/src/routes/job.$uid.tsx', 'export const one = 1\n'],
  ['python/pilothouse/__init__.py', 'pass\n'],
  ['packages/contract/src/index.ts', "export * from './door-batches.ts'\n"],
  ['packages/series/src/seal.ts', "export const modes = ['a', 'b'] as const\n"],
  ['packages/series/src/seal.ts', 'export const one = JSON.parse("1") as number // we wrote it ourselves\n'],
  ['packages/series/src/seal.ts', '// We wrote it ourselves.\nexport const one = JSON.parse("1") as number\n'],
  ['packages/series/src/seal.ts', "export { one as two } from './one.ts'\n"],
] as const

describe('the house rules', () => {
  it.each(broken)('find what is wrong in %s: %j', (path, text, message) => {
    expect(checkFile({ path, text })).toEqual([
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    ])
  })

  it.each(sound)('find nothing wrong in %s: %j', (path, text) => {
    expect(checkFile({ path, text })).toEqual([])
  })

  it('say the line', () => {
    const text = `one\ntwo\n${'FIX' + 'ME'}\n`
    expect(checkFile({ path: 'docs/guide.md', text })).toEqual([expect.objectContaining({ line: 3 })])
  })

  it('want one index in every package', () => {
    const paths = ['packages/series/src/seal.ts', 'packages/fleet/src/index.ts', 'packages/fleet/src/run.ts']
    expect(checkTree(paths)).toEqual([expect.objectContaining({ path: 'packages/series/src/index.ts' })])
  })
})
