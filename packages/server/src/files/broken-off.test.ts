import fs from 'node:fs'
import { once } from 'node:events'
import { type IncomingMessage, get } from 'node:http'
import { expect, it, vi } from 'vitest'
import { startTestServer } from '../http/test-server.ts'
import { batchOf, keepFile } from './files.fixture.ts'

it('a client that breaks off a download leaves no error in the log', async () => {
  const written: string[] = []
  const writeSync = fs.writeSync.bind(fs)
  // The logger writes to standard error in this way.
  vi.spyOn(fs, 'writeSync').mockImplementation((fd, ...rest: unknown[]) => {
    if (fd === 2) written.push(String(rest[0]))
    return fd === 2 ? Buffer.byteLength(String(rest[0])) : writeSync(fd, ...(rest as [string])) // as it was called
  })
  const test = await startTestServer({ logLevel: 'error' })
  // More than sockets hold back.
  const { id } = await keepFile(test, batchOf('x'.repeat(16 * 1024 * 1024)))
  const headers = { authorization: `Bearer ${test.tokens.member}` }
  const request = get(`${test.server.url}/v1/files/${id}/content`, { headers })
  const [answer] = (await once(request, 'response')) as [IncomingMessage] // what the event carries
  expect(answer.statusCode).toBe(200)
  await once(answer, 'readable')
  request.destroy()
  await expect(once(answer, 'end')).rejects.toThrow('aborted')
  // Waits for whatever requests there are.
  await test.close()
  expect(written).toEqual([])
})
