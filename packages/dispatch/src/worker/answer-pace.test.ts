import { expect, test } from 'vitest'
import { AnswerPace } from './answer-pace.ts'

test('an engine counts as slow until its answers were quick', () => {
  const pace = new AnswerPace()
  expect(pace.isSlow).toBe(true)
  pace.note(20)
  expect(pace.isSlow).toBe(false)
})

test('it is slow again once answers take long, not because a single one does', () => {
  const pace = new AnswerPace()
  for (let at = 0; at < 100; at += 1) pace.note(20)
  pace.note(2_000)
  expect(pace.isSlow).toBe(false)
  for (let at = 0; at < 10; at += 1) pace.note(2_000)
  expect(pace.isSlow).toBe(true)
})
