import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { forgetAllocator, serverAllocator, serverNodeFlags } from './server-node.ts'

const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

it('both launchers start a server with the flags and the allocator that it is measured with', () => {
  const [shell, packed] = [read('../bin/pilothouse'), read('launch.ts')]
  expect(shell).toContain(`flags="${serverNodeFlags.join(' ')}"`)
  expect(packed).toContain(`[${serverNodeFlags.map((flag) => `'${flag}'`).join(', ')}]`)
  for (const [name, value] of Object.entries(serverAllocator)) {
    expect(shell).toContain(`${name}="\${${name}:-${value}}"`)
    expect(packed).toContain(`${name}: '${value}'`)
  }
})

it('what the allocator was told is not handed on, and what somebody else told it is', () => {
  const environment = { ...serverAllocator, PATH: '/bin' }
  forgetAllocator(environment)
  expect(environment).toEqual({ PATH: '/bin' })
  const own = { MALLOC_ARENA_MAX: '1' }
  forgetAllocator(own)
  expect(own).toEqual({ MALLOC_ARENA_MAX: '1' })
})
