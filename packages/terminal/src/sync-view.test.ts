import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { type SyncedRun, viewSync, viewSyncProgress } from './sync-view.ts'

const paint = createPaint({ enabled: false })
const run: SyncedRun = {
  folder: '/spool/abcd-1',
  uid: 'abcd',
  page: 'http://localhost:4080/job/abcd',
  sent: 12,
  refused: 0,
  left: 0,
  trouble: null,
}

it('a run of which everything arrived is two lines', () => {
  expect(viewSync([run], paint)).toEqual([
    '✓ abcd  12 reports sent, 0 refused, 0 left  http://localhost:4080/job/abcd',
    '    /spool/abcd-1',
  ])
})

it('what is left comes with the reason and the next step', () => {
  const trouble = { message: 'It is away.', next: 'Start it.' }
  expect(viewSync([{ ...run, uid: null, page: null, sent: 1, left: 3, trouble }], paint)).toEqual([
    '✗ ?  1 report sent, 0 refused, 3 left',
    '    /spool/abcd-1',
    '    It is away.',
    '    → Start it.',
  ])
})

it('names from a foreign folder do not move the cursor', () => {
  expect(viewSync([{ ...run, folder: '/spool/\u001B[2J' }], paint).join('')).not.toContain('\u001B')
})

it('nothing to do is said', () => {
  expect(viewSync([], paint)).toEqual(['Nothing waits.'])
  expect(viewSyncProgress(1, 2)).toBe('1 report of 2 runs sent …')
})
