import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { startTestServer } from '../http/test-server.ts'
import { batchOf, formOf } from './files.fixture.ts'

/** Bytes that take the place of others, from a place on. */
const damage = fc.record({ at: fc.nat(600), drop: fc.nat(80), put: fc.uint8Array({ maxLength: 6 }) })

it('a form with damage anywhere is refused or taken whole, and leaves nothing else', async () => {
  const test = await startTestServer()
  const forms = await Promise.all([batchOf('{"a":1}\n'.repeat(20)), batchOf('{}').toReversed()].map(formOf))
  const kept: string[] = []
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...forms), fc.array(damage, { minLength: 1, maxLength: 3 }), async (form, all) => {
      const bytes = all.reduce(
        (body, { at, drop, put }) => Buffer.concat([body.subarray(0, at), put, body.subarray(at + drop)]),
        form.body as Buffer, // what `formOf` makes
      )
      const { status, json } = await test.ask('/v1/files', { ...form, body: bytes, token: test.tokens.member })
      expect([200, 400]).toContain(status)
      if (status === 200) kept.push((json as { id: string }).id) // what this route answers with
    }),
    { numRuns: 300 },
  )
  expect((await readdir(join(test.server.dataFolder, 'files'))).toSorted()).toEqual(kept.toSorted())
  await test.close()
})
