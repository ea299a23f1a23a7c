import { expect, it } from 'vitest'
import { jsonObject } from './json-object.ts'
import { limits } from './limits.ts'

/** An object with so many levels, itself counted. */
function nest(levels: number): unknown {
  return levels === 1 ? { end: 1 } : { in: levels % 2 ? [nest(levels - 2)] : nest(levels - 1) }
}

it('an object may be so deep and no deeper', () => {
  const odd = limits.jsonDepthMax
  expect(jsonObject.parse({ a: { b: [1, { c: null }] } })).toEqual({ a: { b: [1, { c: null }] } })
  expect(jsonObject.safeParse(nest(odd)).success).toBe(true)
  expect(jsonObject.safeParse(nest(odd + 2)).success).toBe(false)
})

it('hundreds of thousands of levels are refused, not stumbled over', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep: unknown = JSON.parse(`{"a":${open.repeat(200_000)}1${close.repeat(200_000)}}`)
    const { error } = jsonObject.safeParse(deep)
    expect(error?.issues).toMatchObject([
      { path: ['a'], message: `nested more than ${limits.jsonDepthMax} levels deep` },
    ])
  }
})
