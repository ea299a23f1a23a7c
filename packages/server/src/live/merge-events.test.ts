import type { JobCard, LogLine, LogsEvent, MetricsEvent, Note } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { keptLinesMax, mergeEvents } from './merge-events.ts'

describe('two events of which one is left', () => {
  it('have the newest card of each job, and know what went away', () => {
    const card = (uid: string, version: number) => ({ uid, version }) as JobCard // only what merging looks at
    const older = { jobs: [card('a', 1), card('b', 1), card('c', 1)], removed: ['d', 'e'] }
    const newer = { jobs: [card('b', 2), card('e', 1)], removed: ['c'] }
    expect(mergeEvents('jobs', older, newer)).toEqual({
      jobs: [card('a', 1), card('b', 2), card('e', 1)],
      removed: ['d', 'c'],
    })
  })

  it('are the newer one for a whole job', () => {
    expect(mergeEvents('job:abcd', { version: 1 }, { version: 2 })).toEqual({ version: 2 })
  })

  it.each(['metrics:abcd', 'resources:abcd'])('have all points of %s, series by series', (topic) => {
    const older = metrics([series('loss', 0, [1, 2]), series('lr', 0, [5])])
    const newer = metrics([series('loss', 2, [3]), series('acc', 0, [9])], 4)
    expect(mergeEvents(topic, older, newer)).toEqual(
      metrics([series('loss', 0, [1, 2, 3]), series('lr', 0, [5]), series('acc', 0, [9])], 4),
    )
    expect(older).toEqual(metrics([series('loss', 0, [1, 2]), series('lr', 0, [5])]))
  })

  it('keep a gap between points a gap', () => {
    const merged = mergeEvents('metrics:abcd', metrics([series('loss', 0, [1])]), metrics([series('loss', 7, [8])]))
    const again = mergeEvents('metrics:abcd', merged, metrics([series('loss', 8, [9])]))
    expect(again).toEqual(metrics([series('loss', 0, [1]), series('loss', 7, [8, 9])]))
  })

  it('have the newest log lines, and count those left out', () => {
    const merged = mergeEvents('logs:abcd', logs(0, 150), logs(150, 150)) as LogsEvent // a log topic
    expect(merged.lines).toHaveLength(keptLinesMax)
    expect(merged.lines.at(-1)?.n).toBe(299)
    expect(merged.skipped).toBe(100)
    expect(merged.lines[0]?.n).toBe(100)
  })

  it('give up the lines in front of a gap', () => {
    expect(mergeEvents('logs:abcd', logs(0, 10), { ...logs(20, 5), skipped: 10 })).toEqual({
      ...logs(20, 5),
      skipped: 20,
    })
  })

  it('begin anew with another attempt', () => {
    expect(mergeEvents('logs:abcd', logs(0, 10), { ...logs(0, 1), attempt: 2 })).toEqual({ ...logs(0, 1), attempt: 2 })
  })
})

describe('notes', () => {
  it('stand in their last form, or are gone', () => {
    const older = { notes: [note(1, 'a'), note(2, 'b')], removed: [3], total: 2 }
    const newer = { notes: [note(2, 'c'), note(3, 'back')], removed: [1], total: 2 }
    expect(mergeEvents('notes:abcd', older, newer)).toEqual({
      notes: [note(2, 'c'), note(3, 'back')],
      removed: [1],
      total: 2,
    })
  })
})

function metrics(list: MetricsEvent['series'], skipped = 0): MetricsEvent {
  return { series: list, skipped }
}

function series(key: string, from: number, values: number[]): MetricsEvent['series'][number] {
  return { key, source: 'job', branch: 0, from, steps: values, times: values, epochs: values.map(() => null), values }
}

function logs(from: number, count: number): LogsEvent {
  const lines = Array.from({ length: count }, (_, at): LogLine => ({
    n: from + at,
    time: 0,
    stream: 'stdout',
    level: 'info',
    text: 'x',
  }))
  return { attempt: 1, lines, open: null, skipped: 0 }
}

function note(id: number, text: string): Note {
  return { id, author: { id: 1, name: 'a' }, created: 0, edited: null, text, subject: { kind: 'job' } }
}
