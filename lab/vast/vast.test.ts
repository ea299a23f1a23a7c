import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openVast } from '../../packages/fleet/src/index.ts'

test('the stand-in by hand says where it is and what it is, and ends when it is told to', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('vast.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string] // of readline
  const [, url = '', key = ''] = line.split(' ')
  expect(line).toContain('it is not vast.ai')
  const statuses = (await openVast({ key, url }).list()).map(({ status }) => status)
  expect(statuses.slice(0, 3)).toEqual(['running', 'running', 'running'])
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
