import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTestServer } from './test-server.ts'

async function build(folder: string, name: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(folder, 'assets', `index-${name}.js`), `export const name = '${name}'`)
  await writeFile(join(folder, 'index.html'), `<!doctype html><script>'${name}'</script><p>${name}</p>`)
}

it('a page that is built anew is served without a restart, and what the old one asks for says so', async () => {
  const webFolder = await mkdtemp(join(tmpdir(), 'pilothouse-web-'))
  await build(webFolder, 'aaaaaaaa')
  const test = await startTestServer({ webFolder })
  const read = async (path: string) => {
    const answer = await fetch(test.server.url + path, { headers: { accept: 'text/html' } })
    return { status: answer.status, text: await answer.text(), policy: answer.headers.get('content-security-policy') }
  }
  const before = await read('/')
  expect(before.text).toContain('<p>aaaaaaaa</p>')

  await rm(webFolder, { recursive: true })
  expect(await read('/job/some')).toEqual(before)
  await build(webFolder, 'bbbbbbbbbb')
  const after = await read('/job/some')
  expect(after.text).toContain('<p>bbbbbbbbbb</p>')
  // Scripts in the page are allowed by their hash.
  expect(after.policy).not.toBe(before.policy)
  expect((await read('/assets/index-bbbbbbbbbb.js')).status).toBe(200)
  const gone = await read('/assets/index-aaaaaaaa.js')
  expect(gone.status).toBe(404)
  expect(gone.text).toContain('another build of the page')
  await test.close()
  await rm(webFolder, { recursive: true })
})
