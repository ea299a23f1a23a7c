/**
 * `npm run bench -- P1 P3 [--short] [--json] [--gate] [--database postgres]`: measures the rows named, all without a name. `--short` takes
 * under a minute a row; `--json` prints one figure a line; `--gate` fails when a figure misses its budget threefold, twice
 * in a row. `--database postgres` starts one and stores everything there, an address does so in one that runs; the budgets
 * are written for SQLite. `hour`, an hour of the page, and `big-page`, the page before much more than usual, are measured
 * when they are named. Peers are measured beside us, but not for the gate, which they cannot miss.
 */
import { parseArgs } from 'node:util'
import { Postgres } from '../../lab/postgres.ts'
import { useDatabase } from './bench-database.ts'
import { type Figure, type MeasureOptions, measureExcess } from './figure.ts'

type Measure = (options: MeasureOptions) => Promise<Figure[]>

/** Loaded one by one, so that one row's modules do not count in another's memory. */
const measures: Readonly<Record<string, () => Promise<Measure>>> = {
  P1: async () => (await import('./p1-telemetry.ts')).measureTelemetry,
  P2: async () => (await import('./p2-append.ts')).measureAppend,
  P3: async () => {
    const [{ measureQuery }, { measureQueryOverHttp }, { measureQueryBesidePeer }] = await Promise.all([
      import('./p3-query.ts'),
      import('./p3-http.ts'),
      import('./p3-peer.ts'),
    ])
    return async (options) => [
      ...(await measureQuery(options)),
      ...(await measureQueryOverHttp(options)),
      ...(await measureQueryBesidePeer(options)),
    ]
  },
  P4: async () => (await import('./p4-log.ts')).measureLog,
  P5: async () => (await import('./p5-picture.ts')).measurePicture,
  P6: async () => (await import('./p6-steering.ts')).measureSteering,
  P7: async () => (await import('./p7-page.ts')).measurePage,
  P8: async () => (await import('./p8-scale.ts')).measureScale,
  P9: async () => {
    const [{ measureBatch }, { measureDispatch }] = await Promise.all([
      import('./p9-batch.ts'),
      import('./p9-dispatch.ts'),
    ])
    // Sending alone tells where a slow batch loses its time.
    return async (options) => [
      ...(await measureBatch(options)),
      ...(options.short ? [] : await measureDispatch(options)),
    ]
  },
  P10: async () => {
    const [{ measureSlurm }, { measureMailbox }] = await Promise.all([
      import('./p10-slurm.ts'),
      import('./p10-mailbox.ts'),
    ])
    return async (options) => [...(await measureSlurm(options)), ...(await measureMailbox(options))]
  },
  P11: async () => (await import('./p11-terminal.ts')).measureTerminal,
  P12: async () => (await import('./p12-rest.ts')).measureRest,
  V11: async () => (await import('./v11-anomalies.ts')).measureAnomalies,
  'long-log': async () => (await import('./long-log.ts')).measureLongLog,
  'big-page': async () => (await import('./big-page.ts')).measureBigPage,
  hour: async () => (await import('./hour-page.ts')).measureHour,
}

/** A budget missed by this factor is no noise of a busy machine. */
const grossFactor = 3
/** Rows that take long: they are measured when they are named. */
const namedRows = ['big-page', 'hour']
/** Rows that measure the page in a browser. */
const pageRows = ['P7', 'long-log']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    database: { type: 'string', default: 'sqlite' },
  },
})
const unknown = positionals.filter((id) => !(id in measures))
if (unknown.length > 0) {
  console.error(`No such row: ${unknown.join(', ')}. There are ${Object.keys(measures).join(', ')}.`)
  process.exit(2)
}

const started = values.database === 'postgres' ? await Postgres.open({ durable: true }) : undefined
const databaseUrl = started?.url ?? (values.database === 'sqlite' ? undefined : values.database)
if (databaseUrl !== undefined) useDatabase(databaseUrl)

const figures: Figure[] = []
for (const id of chooseRows()) {
  if (!values.json) console.log(`${id} …`)
  const measure = await measures[id]?.()
  if (!measure) continue
  const first = await measureRow(measure)
  figures.push(...(values.gate && first.some(isGross) ? await measureRow(measure) : first))
}
await started?.stop()
const gross = figures.filter(isGross)
if (!values.json)
  console.log(`${figures.filter(({ ok }) => ok).length} of ${figures.length} figures within their budget`)
if (values.gate && gross.length > 0) {
  console.error(`More than ${grossFactor} times off: ${gross.map(({ id, what }) => `${id} ${what}`).join('; ')}`)
  process.exitCode = 1
}

/**
 * Long rows are measured when somebody asks for them. The gate leaves the page out: what a browser without a GPU draws on two
 * cores says little of a regression.
 */
function chooseRows(): string[] {
  if (positionals.length > 0) return positionals
  return Object.keys(measures).filter((id) => !namedRows.includes(id) && (!values.gate || !pageRows.includes(id)))
}

async function measureRow(measure: Measure): Promise<Figure[]> {
  const row = await measure({ short: values.short, peers: !values.gate })
  for (const figure of row) console.log(values.json ? JSON.stringify(figure) : viewFigure(figure))
  return row
}

function isGross(figure: Figure): boolean {
  return measureExcess(figure) > grossFactor
}

function viewFigure({ id, what, value, unit, budget, ok }: Figure): string {
  const sign = budget === null ? '·' : ok ? '✓' : '✗'
  const number = Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 3 })
  return `  ${sign} ${id.padEnd(4)} ${what.padEnd(64)} ${number.padStart(12)} ${unit.padEnd(12)} ${budget ?? ''}`.trimEnd()
}
