import type { Engine, EngineState } from '@pilothouse/contract'
import { formatCount, formatDuration, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'
import { type Column, viewTable } from './table.ts'

type View = { paint: Paint; width: number; now: number }

const columns: readonly Column[] = [
  { title: 'ENGINE' },
  { title: 'STATE' },
  { title: 'SINCE', align: 'right' },
  { title: 'RUNNING', align: 'right' },
  { title: 'WAITING', align: 'right' },
  { title: 'CACHE', align: 'right' },
  { title: 'MODELS', elastic: true },
  { title: 'ADDRESS' },
]
const styles: Readonly<Record<EngineState, { sign: string; style: PaintStyle }>> = {
  unknown: { sign: '◌', style: 'dim' },
  healthy: { sign: '●', style: 'green' },
  failing: { sign: '✗', style: 'red' },
  paused: { sign: '‖', style: 'yellow' },
}

/** Engines as a table, with what is wrong below it. */
export function viewEngines(engines: readonly Engine[], { paint, width, now }: View): string[] {
  if (engines.length === 0) return ['No engine yet: «pilothouse engines add NAME URL» makes one known.']
  const rows = engines.map((engine) => {
    const { sign, style } = styles[engine.health.state]
    const { since, running, waiting, cache, models } = readCells(engine, now)
    const texts = [
      engine.name,
      `${sign} ${engine.health.state}`,
      since,
      running,
      waiting,
      cache,
      models,
      engine.baseUrl,
    ]
    return texts.map((text, at) => ({
      text: sanitizeForTerminal(text),
      ...(at === 1 ? { paint: (word: string) => paint(style, word) } : {}),
    }))
  })
  const [head = '', ...lines] = viewTable(columns, rows, width)
  const troubles = engines.flatMap(({ name, health }) =>
    health.trouble === null ? [] : [`${name}: ${health.trouble}`],
  )
  return [paint('dim', head), ...lines, ...troubles.map((trouble) => paint('red', sanitizeForTerminal(trouble)))]
}

/** One engine, in words. */
export function viewEngine(engine: Engine, { paint, now }: View): string[] {
  const { name, baseUrl, health, models, figures } = engine
  const { sign, style } = styles[health.state]
  const { since, running, waiting, cache } = readCells(engine, now)
  const lines = [
    ...(health.trouble === null ? [] : [health.trouble]),
    models.length === 0 ? 'no model is known' : models.join(', '),
    ...(figures === null ? [] : [`${running} running, ${waiting} waiting, cache ${cache}`]),
  ]
  const where = sanitizeForTerminal(`${name} at ${baseUrl}`)
  return [
    `${paint(style, `${sign} ${health.state}`)} ${where}${health.since === null ? '' : ` for ${since}`}`,
    ...lines.map((line) => `  ${sanitizeForTerminal(line)}`),
  ]
}

function readCells({ health, figures, models }: Engine, now: number) {
  const count = (value: number | null | undefined): string => (typeof value === 'number' ? formatCount(value) : '–')
  const cache = figures?.cacheUse
  return {
    since: health.since === null ? '–' : formatDuration(Math.max(0, now - health.since)),
    running: count(figures?.running),
    waiting: count(figures?.waiting),
    cache: typeof cache === 'number' ? `${Math.round(cache * 100)} %` : '–',
    models: models.length === 0 ? '–' : models.join(', '),
  }
}
