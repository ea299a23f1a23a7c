/** The store: one `Room`, and an operation for each file beside this one. */
import { compactStep, markGroupEnded } from './compact-group.ts'
import { doomGroup, removeStep } from './delete-group.ts'
import { exportPoints } from './export-points.ts'
import { countHead, nameSource } from './group.ts'
import { openGroup, readGroup } from './load-group.ts'
import { flushAll, maintainRoom } from './maintain.ts'
import { measureTouched } from './memory.ts'
import type { AxisNumber } from './outline.ts'
import { AxisLine, ClockAxis, queryLineOver } from './query-over.ts'
import { queryLine } from './query-series.ts'
import { recoverHeads } from './recover.ts'
import { defaultLimits, type Room, type SeriesOptions, sliceMs, takeNumber } from './room.ts'
import { addToLines, type Line, selectSeries } from './select-series.ts'
import { IndexCache } from './series-index.ts'
import { stageAppend } from './stage-append.ts'
import type {
  SeriesBuckets,
  SeriesDatabase,
  SeriesQuery,
  SeriesSelector,
  SeriesStatistics,
  SeriesStore,
  SeriesSummary,
  SeriesSurvey,
} from './types.ts'

/** Opens the store on a database that has the tables of `seriesMigrations`, and brings back what memory held before. */
export async function openSeriesStore(database: SeriesDatabase, options: SeriesOptions = {}): Promise<SeriesStore> {
  const room = makeRoom(database, options)
  await recoverHeads(room)
  for (const row of await database.all('select owner from ended order by owner')) {
    room.ended.set(takeNumber(row, 'owner'), { cursor: 0, moved: false })
  }
  room.doomed = (await database.all('select id from series where owner < 0 limit 1')).length > 0
  return makeStore(room)
}

function makeRoom(db: SeriesDatabase, options: SeriesOptions): Room {
  const limits = { ...defaultLimits, ...options }
  return {
    db,
    limits,
    groups: new Map(),
    ripe: new Set(),
    touched: new Set(),
    ended: new Map(),
    doomed: false,
    indexes: new IndexCache(limits.indexBytesMax),
    told: new Set(),
    wal: [],
    walBytes: 0,
    retireUpto: undefined,
    nextSeq: 1,
    appliedSeq: 0,
    groupBytes: 0,
  }
}

function makeStore(room: Room): SeriesStore {
  return {
    stage: (blocks) => stageAppend(room, blocks),
    maintain: ({ budgetMs = sliceMs } = {}) => maintainRoom(room, budgetMs),
    finish: (group, options) => finishGroup(room, group, options?.budgetMs),
    delete: (group, options) => deleteGroup(room, group, options?.budgetMs),
    survey: (asked) => surveyGroup(room, asked),
    query: (query) => querySeries(room, query),
    latest: (selectors) => listLatest(room, selectors),
    export: (selectors, options) => exportPoints(room, selectors, options),
    statistics: () => countEverything(room),
    measure: (group) => measureGroupSize(room, group),
    close: () => flushAll(room),
  }
}

async function finishGroup(room: Room, group: number, budgetMs = Infinity): Promise<void> {
  await markGroupEnded(room, group)
  const until = room.limits.clock() + budgetMs
  while (room.ended.has(group) && room.limits.clock() < until) await compactStep(room)
}

async function deleteGroup(room: Room, group: number, budgetMs = Infinity): Promise<void> {
  await doomGroup(room, group)
  const until = room.limits.clock() + budgetMs
  while (room.doomed && room.limits.clock() < until) await removeStep(room)
}

async function surveyGroup(room: Room, { group: id, branch, source, keys }: SeriesSurvey) {
  const group = await openGroup(room, id)
  const known = group.names.get(nameSource(branch, source))
  return { series: group.series.size, missing: keys.filter((key) => !known?.has(key)) }
}

const axes = { step: 0, time: 1, epoch: 2 } as const satisfies Record<SeriesQuery['x'], AxisNumber>

async function querySeries(room: Room, query: SeriesQuery): Promise<SeriesBuckets[]> {
  const lines = new Map<string, Line>()
  for (const selector of query.selectors) addToLines(lines, await openGroup(room, selector.group), selector)
  const window = {
    axis: axes[query.x],
    from: query.from ?? -Infinity,
    to: query.to ?? Infinity,
    points: Math.max(1, Math.floor(query.points)),
    smooth: query.smooth,
  }
  const answers: SeriesBuckets[] = []
  const over = await findPlacing(room, query)
  for (const line of lines.values()) {
    answers.push(await (over ? queryLineOver(room, line, over(line), window) : queryLine(room, line, window)))
  }
  room.indexes.shrink()
  return answers
}

/** Tells what places each line, where points do not lie at what they carry. */
async function findPlacing(room: Room, { selectors, over, clock, x }: SeriesQuery) {
  if (over !== undefined) return findAxes(room, selectors, over)
  if (clock === undefined) return undefined
  if (clock === null) return () => undefined
  const lines = new Map<string, Line>()
  for (const selector of selectors) {
    addToLines(lines, await openGroup(room, selector.group), { ...selector, source: clock.source, keys: [clock.key] })
  }
  const [line] = lines.values()
  const axis = line && new ClockAxis(room, line, axes[x])
  return () => axis
}

/** Finds for a line the one of the same group and source whose values are its x. */
async function findAxes(room: Room, selectors: SeriesQuery['selectors'], key: string) {
  const lines = new Map<string, Line>()
  for (const selector of selectors) {
    addToLines(lines, await openGroup(room, selector.group), { ...selector, keys: [key] })
  }
  const axisLines = [...lines.values()].map((line) => new AxisLine(room, line))
  return ({ group, source }: Line) => axisLines.find(({ line }) => line.group === group && line.source === source)
}

async function listLatest(room: Room, selectors: readonly SeriesSelector[]): Promise<SeriesSummary[]> {
  const summaries = new Map<number, SeriesSummary>()
  for (const selector of selectors) {
    const group = room.groups.get(selector.group) ?? (await readGroup(room, selector.group))
    for (const one of selectSeries(group, selector)) {
      const { branch, source, key, total, step, time, epoch, value } = one
      const { min, minStep, max, maxStep, nonFinite } = one
      const summary = { branch, source, key, total, step, time, epoch, value, min, minStep, max, maxStep, nonFinite }
      summaries.set(one.id, summary)
    }
  }
  return [...summaries.values()]
}

const countGroup =
  'select coalesce(sum(n), 0) as points, coalesce(sum(length(data) + length(outline)), 0) as bytes from chunk where series in (select id from series where owner = ?)'
const countTail = 'select n, length(data) as bytes from tail where owner = ?'

async function measureGroupSize(room: Room, id: number): Promise<{ points: number; bytes: number }> {
  const [chunks] = await room.db.all(countGroup, [id])
  const [tail] = await room.db.all(countTail, [id])
  const open = tail ? { points: takeNumber(tail, 'n'), bytes: takeNumber(tail, 'bytes') } : { points: 0, bytes: 0 }
  return { points: takeNumber(chunks, 'points') + open.points, bytes: takeNumber(chunks, 'bytes') + open.bytes }
}

const countChunks =
  'select count(*) as chunks, coalesce(sum(n), 0) as points, coalesce(sum(length(data)), 0) as bytes from chunk'
const countSeries = 'select count(*) as series from series where owner >= 0'
const countTails = 'select owner, n from tail where n > 0'

/** Some milliseconds for 40 M points. */
async function countEverything(room: Room): Promise<SeriesStatistics> {
  const [chunks] = await room.db.all(countChunks)
  const [series] = await room.db.all(countSeries)
  measureTouched(room)
  let headPoints = 0
  for (const group of room.groups.values()) for (const one of group.series.values()) headPoints += countHead(one)
  let spilled = 0
  for (const row of await room.db.all(countTails)) {
    if (!room.groups.has(takeNumber(row, 'owner'))) spilled += takeNumber(row, 'n')
  }
  return {
    series: takeNumber(series, 'series'),
    points: takeNumber(chunks, 'points') + headPoints + spilled,
    chunks: takeNumber(chunks, 'chunks'),
    chunkBytes: takeNumber(chunks, 'bytes'),
    chunkPoints: takeNumber(chunks, 'points'),
    headPoints,
    headBytes: room.groupBytes,
    headBytesMax: room.limits.headBytesMax,
    walRows: room.wal.length,
    walBytes: room.walBytes,
  }
}
