import { describe, expect, it } from 'vitest'
import type { Caller } from '../http/route.ts'
import { LiveConnections } from './live-connections.ts'

function setUp() {
  const clock = { ms: 1_000 }
  const connections = new LiveConnections(() => clock.ms)
  const heard: string[] = []
  const open = (name: string, tokenId: number, expiresAt: number | null = null) => {
    const caller: Caller = {
      memberId: 1,
      memberName: 'x',
      role: 'viewer',
      permissions: [],
      tokenId,
      jobUid: null,
      expiresAt,
    }
    const beat = () => void heard.push(`${name} beats`)
    return connections.add({ caller, beat, end: (why) => heard.push(`${name} ${why}`) })
  }
  return { clock, connections, heard, open }
}

describe('open streams', () => {
  it('beat together until their token expires', () => {
    const { clock, connections, heard, open } = setUp()
    open('a', 1)
    open('b', 2, 2_000)
    connections.beat()
    clock.ms = 2_000
    connections.beat()
    expect(heard).toEqual(['a beats', 'b beats', 'a beats', 'b expired'])
  })

  it('end with the token that opened them, and those that left are left alone', () => {
    const { connections, heard, open } = setUp()
    const leave = open('a', 1)
    open('b', 1)
    open('c', 2)
    leave()
    connections.endOfToken(1)
    connections.endAll()
    expect(heard).toEqual(['b revoked', 'b stopping', 'c stopping'])
  })

  it('are bounded in number', () => {
    const { connections, open } = setUp()
    for (let at = 0; at < 512; at += 1) {
      expect(connections.full).toBe(false)
      open(String(at), at)
    }
    expect(connections.full).toBe(true)
  })
})
