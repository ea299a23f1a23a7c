import type { Artifact, ConfigValue, Job, Recipe } from '@pilothouse/contract'
import { flattenConfig, formatBytes, formatCount, formatExact } from '@pilothouse/signals'
import { formatMinute } from './format-time.ts'
import { type Content, type Html, markup } from './markup.ts'
import type { Section } from './render-page.ts'
import { cutText, renderMore, renderTable, renderValues } from './render-parts.ts'

const configBounds = { namesMax: 1_000, textMax: 500 }
const summaryBounds = { namesMax: 200, textMax: 500 }
const namesMax = 500
const textMax = 300
const commandLengthMax = 4_000
const artifactsMax = 100

/** Values that the script itself chose as its results. */
export function renderSummary({ summary }: Job): Section | null {
  return renderFlat('summary', 'Summary', flattenConfig(summary, summaryBounds))
}

export function renderConfiguration({ config }: Job): Section | null {
  return renderFlat('configuration', 'Configuration', flattenConfig(config, configBounds))
}

type Flat = ReturnType<typeof flattenConfig>

function renderFlat(id: string, title: string, { values, leftOut }: Flat): Section | null {
  const entries = Object.entries(values).map(([name, value]) => [cutText(name, textMax), writeValue(value)] as const)
  if (entries.length === 0) return null
  return { id, title, body: markup`${renderValues(entries)}${renderMore(leftOut, 'values')}` }
}

function writeValue(value: ConfigValue): string {
  if (typeof value === 'number') return formatExact(value)
  return value === '' ? '""' : String(value)
}

/** What it ran on and with. */
export function renderEnvironment({ recipe, hardware, attempts }: Job): Section | null {
  const facts = [...listRecipe(recipe), ...listHardware(hardware), ...listPlaces(attempts)]
  const lists = [
    renderList('Packages', recipe?.packages, true),
    renderList('Environment variables', recipe?.environment, false),
  ]
  if (facts.length === 0 && lists.every((list) => list === null)) return null
  return { id: 'environment', title: 'Environment', body: markup`${renderValues(facts)}${lists}` }
}

function listRecipe(recipe: Recipe | null): (readonly [string, Content])[] {
  const { command, workingDirectory, git, python } = recipe ?? {}
  const known: [string, string | null | undefined][] = [
    ['command', command?.join(' ')],
    ['folder', workingDirectory],
    ['commit', git && `${git.commit}${git.dirty ? ' (with changes)' : ''}`],
    ['branch', git?.branch],
    ['remote', git?.remote],
    ['python', python],
  ]
  return known.flatMap(([name, text]) =>
    text ? [[name, markup`<code>${cutText(text, commandLengthMax)}</code>`] as const] : [],
  )
}

function listHardware(hardware: Job['hardware']): (readonly [string, Content])[] {
  return hardware.slice(0, 64).map(({ host, system, cpus, memoryBytes, gpus, gpuAbsence }) => {
    const models = [...Map.groupBy(gpus, ({ name }) => name)].map(([name, alike]) =>
      alike.length > 1 ? `${alike.length} × ${name}` : name,
    )
    const parts = [
      system,
      cpus === undefined ? null : `${formatCount(cpus)} CPUs`,
      memoryBytes === undefined ? null : formatBytes(memoryBytes),
      ...(models.length > 0 ? models : [gpuAbsence]),
    ]
    return [`host ${host}`, parts.filter((part) => part !== null && part !== undefined).join(', ')] as const
  })
}

/** Where each attempt ran, when there was more than one. */
function listPlaces(attempts: Job['attempts']): (readonly [string, Content])[] {
  if (attempts.length < 2) return []
  return attempts.slice(-20).map(({ number, state, host, exitCode, signal }) => {
    const parts = [state, host && `on ${host}`, exitCode === null ? null : `exit code ${exitCode}`, signal]
    return [`attempt ${number}`, parts.filter((part) => part !== null).join(', ')] as const
  })
}

function renderList(title: string, values: Record<string, string> | undefined, isNarrow: boolean): Html | null {
  const entries = Object.entries(values ?? {})
  if (entries.length === 0) return null
  const shown = entries.slice(0, namesMax).map(([name, value]) => [name, cutText(value, textMax)] as const)
  return markup`<h3>${title}</h3>${renderValues(shown, isNarrow)}${renderMore(entries.length - namesMax, 'entries')}`
}

export function renderArtifacts({ artifacts }: Job): Section | null {
  if (artifacts.length === 0) return null
  const columns = ['Artifact', 'Kind', 'Place', 'Size', 'Step', 'Recorded'].map((head, at) => ({
    head,
    isNumber: at === 3 || at === 4,
  }))
  const table = renderTable('Artifacts', columns, artifacts.slice(0, artifactsMax).map(toRow))
  const body = markup`${table}${renderMore(artifacts.length - artifactsMax, 'artifacts')}`
  return { id: 'artifacts', title: 'Artifacts', body }
}

function toRow({ name, version, kind, direction, uri, host, bytes, step, time, sha256 }: Artifact) {
  return {
    name: markup`${name} <span class="faint">v${version}</span>`,
    cells: [
      direction === 'input' ? `${kind}, input` : kind,
      markup`<code>${host === null ? null : `${host}:`}${cutText(uri, textMax)}</code>${
        sha256 === null ? null : markup`<br><span class="faint small">sha256 ${sha256.slice(0, 16)}…</span>`
      }`,
      bytes === null ? null : formatBytes(bytes),
      step === null ? null : formatCount(step),
      formatMinute(time),
    ],
  }
}
