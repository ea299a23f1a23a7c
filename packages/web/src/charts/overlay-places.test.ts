import { expect, test } from 'vitest'
import { addOverlay, overlaysMax, parseOverlay, readOverlay, removeOverlay } from './overlay-places.ts'

test('a job that is taken away leaves its place, and the next one takes it', () => {
  const two = addOverlay(addOverlay(undefined, 'first-job'), 'second-job')
  expect(two).toBe('first-job,second-job')
  const one = removeOverlay(two, 'first-job')
  expect(one).toBe(',second-job')
  expect(parseOverlay(one)).toEqual([{ id: 'second-job', uid: 'second-job', branch: undefined, place: 2 }])
  expect(addOverlay(one, 'third-job@4')).toBe('third-job@4,second-job')
  expect(removeOverlay(one, 'second-job')).toBeUndefined()
})

test('a branch of a job is one of its own', () => {
  expect(parseOverlay('some-job,some-job@0').map(({ uid, branch }) => [uid, branch])).toEqual([
    ['some-job', undefined],
    ['some-job', 0],
  ])
})

test('what is no job is dropped, what is named twice stands once, and there is an end', () => {
  expect(readOverlay('a b,ok-job,x,ok-job')).toBe(',ok-job')
  expect(readOverlay('?')).toBeUndefined()
  expect(readOverlay(['two', 'texts'])).toBeUndefined()
  const full = Array.from({ length: overlaysMax + 5 }, (_, at) => `job-${at}`).reduce<string | undefined>(
    (text, id) => addOverlay(text, id),
    undefined,
  )
  expect(parseOverlay(full)).toHaveLength(overlaysMax)
})
