import { expect, test, vi } from 'vitest'
import type { ChartRequest, Picture } from './chart-data.ts'
import { Overlay, type OverlayMember } from './overlay.ts'
import { SeriesBuffer } from './series-buffer.ts'

type Opened = {
  request: ChartRequest
  data: Picture & { answer: (status: Picture['status']) => void }
  isOpen: boolean
}

/** A member whose pictures the test answers itself. */
function makeMember(id: string, place: number): { member: OverlayMember; opened: Opened[] } {
  const opened: Opened[] = []
  const open = (request: ChartRequest) => {
    let status: Picture['status'] = 'loading'
    const data: Opened['data'] = {
      get status() {
        return status
      },
      error: undefined,
      onChange: undefined,
      list: () => request.keys.map((key) => new SeriesBuffer(key, 'job', id)),
      answer: (next) => {
        status = next
        data.onChange?.()
      },
    }
    const one: Opened = { request, data, isOpen: true }
    opened.push(one)
    return { data, close: () => void (one.isOpen = false) }
  }
  return { member: { id, name: id, place, feed: { open } }, opened }
}

const request: ChartRequest = {
  keys: ['loss', 'val/loss'],
  source: 'job',
  x: 'step',
  range: null,
  points: 800,
  smooth: 0,
}

test('series stand key by key in the order of the members', () => {
  const overlay = new Overlay()
  overlay.setMembers([makeMember('one', 0).member, makeMember('two', 1).member])
  const { data } = overlay.open(request)
  expect(data.list().map(({ key, member }) => `${key} ${member}`)).toEqual([
    'loss one',
    'loss two',
    'val/loss one',
    'val/loss two',
  ])
  expect(data.list().map((buffer) => overlay.find(buffer)?.place)).toEqual([0, 1, 0, 1])
})

test('a member that comes is opened in pictures that stand, and one that goes is closed', () => {
  const overlay = new Overlay()
  const [one, two] = [makeMember('one', 0), makeMember('two', 1)]
  overlay.setMembers([one.member])
  const { data, close } = overlay.open(request)
  const changed = vi.fn()
  data.onChange = changed
  one.opened[0]?.data.answer('ready')
  overlay.setMembers([one.member, two.member])
  expect(two.opened).toHaveLength(1)
  // What is shown stays while the new one is on its way.
  expect(data.status).toBe('ready')
  overlay.setMembers([two.member])
  expect(one.opened[0]?.isOpen).toBe(false)
  expect(changed).toHaveBeenCalledTimes(3)
  close()
  expect(two.opened[0]?.isOpen).toBe(false)
})

test('a picture waits for all members, but a slow one does not hold it up for long', () => {
  vi.useFakeTimers()
  const overlay = new Overlay()
  const [quick, slow] = [makeMember('quick', 0), makeMember('slow', 1)]
  overlay.setMembers([quick.member, slow.member])
  const { data } = overlay.open(request)
  quick.opened[0]?.data.answer('ready')
  expect(data.status).toBe('loading')
  vi.advanceTimersByTime(500)
  expect(data.status).toBe('ready')
  vi.useRealTimers()
})

test('it has failed only when every member has', () => {
  const overlay = new Overlay()
  const [one, two] = [makeMember('one', 0), makeMember('two', 1)]
  overlay.setMembers([one.member, two.member])
  const { data } = overlay.open(request)
  one.opened[0]?.data.answer('failed')
  expect(data.status).toBe('loading')
  two.opened[0]?.data.answer('failed')
  expect(data.status).toBe('failed')
  one.opened[0]?.data.answer('ready')
  expect(data.status).toBe('ready')
})

test('fifty members share the points of a picture', () => {
  const overlay = new Overlay()
  const all = Array.from({ length: 50 }, (_, at) => makeMember(`job-${at}`, at))
  overlay.setMembers(all.map(({ member }) => member))
  overlay.open(request)
  expect(all.map(({ opened }) => opened[0]?.request.points)).toEqual(all.map(() => 200))
})

test('when many join, those that are open share too, and show what they have until that is there', () => {
  const overlay = new Overlay()
  const all = Array.from({ length: 9 }, (_, at) => makeMember(`job-${at}`, at))
  const members = all.map(({ member }) => member)
  const first = all[0]!
  overlay.setMembers(members.slice(0, 4))
  const { close } = overlay.open(request)
  first.opened[0]?.data.answer('ready')
  // Up to eight have half of the points each: one more of them changes nothing.
  overlay.setMembers(members.slice(0, 5))
  overlay.setMembers(members.slice(0, 8))
  expect(first.opened.map(({ request: { points } }) => points)).toEqual([800, 400])
  expect(first.opened.map(({ isOpen }) => isOpen)).toEqual([true, true])
  first.opened[1]?.data.answer('ready')
  expect(first.opened.map(({ isOpen }) => isOpen)).toEqual([false, true])
  // Nine, and four again before the answer: what is on its way is not waited for.
  overlay.setMembers(members)
  overlay.setMembers(members.slice(0, 8))
  expect(first.opened.map(({ isOpen }) => isOpen)).toEqual([false, true, false])
  close()
  expect(first.opened.some(({ isOpen }) => isOpen)).toBe(false)
})
