/** Small things that Slurm writes in ways of its own: lists of nodes, states, times. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandArrayId, expandHostList } from './host-list.ts'
import { readNodeState } from './node-state.ts'
import { parseMoment, parseSpan } from './slurm-time.ts'

describe('lists of nodes', () => {
  it.each([
    ['gpu1', ['gpu1']],
    ['gpu[1-3],login', ['gpu1', 'gpu2', 'gpu3', 'login']],
    ['n[08-11,20]', ['n08', 'n09', 'n10', 'n11', 'n20']],
    ['r[1-2]n[1,3]-ib', ['r1n1-ib', 'r1n3-ib', 'r2n1-ib', 'r2n3-ib']],
    ['', []],
    ['(null)', []],
    ['None assigned', []],
  ])('%s', (text, names) => {
    expect(expandHostList(text)).toEqual(names)
  })

  it('no text makes them throw or grow without end', () => {
    const piece = fc.constantFrom('a', '[', ']', ',', '-', '1', '0', '999999999', ':', '_')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        expect(expandHostList(pieces.join('')).length).toBeLessThanOrEqual(100_000)
      }),
      { numRuns: 200 },
    )
  })

  it('elements of an array, too', () => {
    expect(expandArrayId('12_[2-5,9%2]')).toEqual(['12_2', '12_3', '12_4', '12_5', '12_9'])
    expect(expandArrayId('12_[0-6:3]')).toEqual(['12_0', '12_3', '12_6'])
    expect(expandArrayId('12_7')).toEqual(['12_7'])
    expect(expandArrayId('12')).toEqual(['12'])
  })
})

describe('states of nodes', () => {
  it.each([
    ['IDLE', 'IDLE', 'open'],
    ['MIXED', 'MIXED', 'open'],
    ['ALLOCATED', 'ALLOCATED', 'open'],
    ['IDLE+COMPLETING', 'IDLE+COMPLETING', 'open'],
    ['IDLE+CLOUD', 'IDLE+CLOUD', 'open'],
    ['IDLE+DRAIN', 'IDLE+DRAIN', 'broken'],
    ['MIXED+DRAIN', 'MIXED+DRAIN', 'broken'],
    ['drng', 'DRAIN', 'broken'],
    ['DOWN*', 'DOWN+NOT_RESPONDING', 'broken'],
    ['IDLE*+DRAIN', 'IDLE+NOT_RESPONDING+DRAIN', 'broken'],
    ['idle$', 'IDLE+MAINTENANCE', 'broken'],
    ['IDLE+RESERVED', 'IDLE+RESERVED', 'held'],
    ['resv', 'RESERVED', 'held'],
    ['MIXED+PLANNED', 'MIXED+PLANNED', 'held'],
    ['idle-', 'IDLE+PLANNED', 'held'],
    ['IDLE+CLOUD+POWERED_DOWN', 'IDLE+CLOUD+POWERED_DOWN', 'asleep'],
    ['idle~', 'IDLE+POWERED_DOWN', 'asleep'],
    ['mix#', 'MIXED+POWERING_UP', 'asleep'],
    ['IDLE+INVALID_REG', 'IDLE+INVALID_REG', 'broken'],
    ['idle^', 'IDLE+REBOOT_ISSUED', 'broken'],
    ['MIXED+REBOOT_REQUESTED', 'MIXED+REBOOT_REQUESTED', 'open'],
    ['IDLE+RESERVED+DRAIN', 'IDLE+RESERVED+DRAIN', 'broken'],
    ['IDLE+SOMETHING_NEW', 'IDLE+SOMETHING_NEW', 'broken'],
    ['', 'UNKNOWN', 'broken'],
  ])('%s', (said, text, standing) => {
    expect(readNodeState(said)).toMatchObject({ text, standing })
  })
})

describe('times', () => {
  it.each([
    ['2-00:00:00', 172_800],
    ['1-00:00:00', 86_400],
    ['2-0', 172_800],
    ['12:30:15', 45_015],
    ['05:30', 330],
    ['0:07', 7],
    ['90', 5_400],
    ['UNLIMITED', null],
    ['NONE', null],
    ['INVALID', null],
    ['', null],
  ])('%s', (text, seconds) => {
    expect(parseSpan(text)).toBe(seconds)
  })

  it('moments are seconds since 1970, or nobody knows', () => {
    expect(parseMoment('1763767444')).toBe(1_763_767_444_000)
    expect(['N/A', 'Unknown', 'None', '', '0', '2026-11-21T23:44:04'].map(parseMoment)).toEqual(Array(6).fill(null))
  })
})
