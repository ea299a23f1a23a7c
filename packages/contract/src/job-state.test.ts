import { describe, expect, it } from 'vitest'
import { canTransition, isEnded, jobStates, jobTransitions } from './job-state.ts'

describe('the life of a job', () => {
  it('reaches every state from queued', () => {
    const seen = new Set(['queued'])
    for (const state of seen) jobTransitions[state as keyof typeof jobTransitions].forEach((next) => seen.add(next))
    expect([...seen].toSorted()).toEqual([...jobStates].toSorted())
  })

  it('revives a lost job and no other that has ended', () => {
    const revived = jobStates.filter((state) => isEnded(state) && jobTransitions[state].length > 0)
    expect(revived).toEqual(['lost'])
    expect(canTransition('lost', 'running')).toBe(true)
  })

  it('never leads from a state to itself', () => {
    expect(jobStates.filter((state) => canTransition(state, state))).toEqual([])
  })
})
