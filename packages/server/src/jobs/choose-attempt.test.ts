import { describe, expect, it } from 'vitest'
import { type KnownAttempt, chooseAttempt } from './choose-attempt.ts'

const attempt = (number: number, parts: Partial<KnownAttempt> = {}): KnownAttempt => ({
  number,
  claim: null,
  state: 'running',
  ...parts,
})

describe('the attempt that a PUT means', () => {
  it('is the first when there is none', () => {
    expect(chooseAttempt([], {})).toEqual({ kind: 'open', number: 1 })
    expect(chooseAttempt([], { claim: 'a' })).toEqual({ kind: 'open', number: 1 })
  })
  it('is the one named, made if missing', () => {
    expect(chooseAttempt([attempt(1)], { number: 1, claim: 'a' })).toEqual({ kind: 'adopt', number: 1 })
    expect(chooseAttempt([attempt(1)], { number: 2 })).toEqual({ kind: 'open', number: 2 })
  })
  it('is the one with the claim, ended or not', () => {
    const known = [attempt(1, { claim: 'a', state: 'failed' }), attempt(2, { claim: 'b' })]
    expect(chooseAttempt(known, { claim: 'a' })).toEqual({ kind: 'repeat', number: 1 })
  })
  it('is the current one for a late claim, while it waits for its process', () => {
    expect(chooseAttempt([attempt(1, { state: 'pending' })], { claim: 'a' })).toEqual({ kind: 'adopt', number: 1 })
    expect(chooseAttempt([attempt(1, { state: 'failed' })], { claim: 'a' })).toEqual({ kind: 'open', number: 2 })
    expect(chooseAttempt([attempt(1, { claim: 'b' })], { claim: 'a' })).toEqual({ kind: 'open', number: 2 })
  })
  it('is the current one when nothing is said', () => {
    expect(chooseAttempt([attempt(1), attempt(2, { state: 'completed' })], {})).toEqual({ kind: 'repeat', number: 2 })
  })
})
