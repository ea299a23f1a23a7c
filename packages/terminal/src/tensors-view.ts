import type { CheckpointSummary, CheckpointVerification, SuspiciousGlobal, TensorSummary } from '@pilothouse/contract'
import { formatBytes, formatCount, formatValue, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { viewTable } from './table.ts'

/** Rows and values shown without `--all`; `--json` has all of them. */
const rowsShownMax = 500
const valuesShownMax = 20
const suspiciousShownMax = 50

type Place = { paint: Paint; width: number; all: boolean }

const columns = [
  { title: 'TENSOR', elastic: true },
  { title: 'DTYPE' },
  { title: 'SHAPE' },
  { title: 'NORM', align: 'right' },
  { title: 'MEAN', align: 'right' },
  { title: 'MIN', align: 'right' },
  { title: 'MAX', align: 'right' },
  { title: 'ZERO', align: 'right' },
  { title: 'NOT FINITE', align: 'right' },
] as const

/** The tensors of a checkpoint as a table, then totals, values beside them, and what has to be said. */
export function viewTensors(summary: CheckpointSummary, { paint, width, all }: Place): string[] {
  const { tensors, totals, values, valuesLeftOut, suspicious, notes } = summary
  const shown = all ? tensors : tensors.slice(0, rowsShownMax)
  const rows = shown.map((tensor) => viewRow(tensor, paint))
  const [head = '', ...lines] = viewTable(totals.nonFinite === 0 ? columns.slice(0, -1) : columns, rows, width)
  return [
    ...(tensors.length === 0 ? [] : [paint('dim', head), ...lines]),
    ...viewRest(tensors.length - shown.length, paint),
    viewTotals(totals),
    ...viewValues(values, valuesLeftOut, { paint, all }),
    ...viewNotes(tensors, notes, paint),
    ...viewSuspicious(suspicious, paint),
  ]
}

/** That there are more rows than are shown. */
export function viewRest(hidden: number, paint: Paint): string[] {
  return hidden > 0 ? [paint('dim', `… and ${formatCount(hidden)} more; --all shows them.`)] : []
}

/** As `[512, 64]`; of a tensor without dimensions `[]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

export function formatFigure(value: number | null): string {
  return value === null ? '–' : formatValue(value)
}

/** As `12.5 %`; what is not all and not nothing never reads as if it were. */
export function formatShare(share: number | null): string {
  if (share === null) return '–'
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return '<0.1 %'
  if (percent > 99.9 && percent < 100) return '>99.9 %'
  return `${Number(percent.toFixed(1))} %`
}

function viewRow({ name, dtype, shape, norm, mean, min, max, zeroShare, nonFinite }: TensorSummary, paint: Paint) {
  return [
    { text: sanitizeForTerminal(name) },
    { text: dtype ?? '?' },
    { text: formatShape(shape) },
    ...[norm, mean, min, max].map((figure) => ({ text: formatFigure(figure) })),
    { text: zeroShare === 0 ? '' : formatShare(zeroShare) },
    {
      text: nonFinite === null || nonFinite === 0 ? '' : formatCount(nonFinite),
      paint: (text: string) => paint('red', text),
    },
  ]
}

function viewTotals({ tensors, elements, parameters, bytes, norm, nonFinite }: CheckpointSummary['totals']): string {
  const broken = nonFinite === 0 ? '' : `, ${formatCount(nonFinite)} not finite`
  const size = `${formatCount(elements)} elements, ${formatBytes(bytes)}`
  return `${count(tensors, 'tensor')}, ${formatCount(parameters)} parameters, ${size}, norm ${formatFigure(norm)}${broken}`
}

function viewValues(
  values: CheckpointSummary['values'],
  leftOut: number,
  { paint, all }: { paint: Paint; all: boolean },
): string[] {
  const shown = all ? values : values.slice(0, valuesShownMax)
  const hidden = values.length - shown.length + leftOut
  return [
    ...shown.map(
      ({ name, value }) => `${paint('dim', sanitizeForTerminal(name))} ${sanitizeForTerminal(String(value))}`,
    ),
    ...(hidden > 0 ? [paint('dim', `… and ${formatCount(hidden)} more values.`)] : []),
  ]
}

/** Reasons why tensors have no figures are told once each, with how many there are. */
function viewNotes(tensors: readonly TensorSummary[], notes: readonly string[], paint: Paint): string[] {
  const reasons = new Map<string, TensorSummary[]>()
  for (const tensor of tensors) {
    if (tensor.note !== null) reasons.set(tensor.note, [...(reasons.get(tensor.note) ?? []), tensor])
  }
  const told = [...reasons].map(([note, those]) => {
    const who = those.length === 1 ? (those[0]?.name ?? '') : count(those.length, 'tensor')
    return `${who}: ${note}`
  })
  return [...told, ...notes].map((note) => `${paint('yellow', '!')} ${sanitizeForTerminal(note)}`)
}

/** What loading the file would run. */
export function viewSuspicious(suspicious: readonly SuspiciousGlobal[], paint: Paint): string[] {
  if (suspicious.length === 0) return []
  const shown = suspicious.slice(0, suspiciousShownMax)
  const hidden = suspicious.length - shown.length
  return [
    ...shown.map(({ file, name, isCalled }) => {
      const what = `${isCalled ? 'would call' : 'would import'} ${sanitizeForTerminal(name)} when it is loaded`
      return `${paint(isCalled ? 'red' : 'yellow', '!')} ${sanitizeForTerminal(file)} ${what}`
    }),
    ...(hidden > 0 ? [paint('dim', `… and ${formatCount(hidden)} more names; --json has them.`)] : []),
    paint(
      'dim',
      'Nothing of it was run here. Load such a file with weights_only=True, or not at all unless you trust it.',
    ),
  ]
}

/** Each file, whether it is whole, and its checksum. */
export function viewVerification({ files }: CheckpointVerification, paint: Paint): string[] {
  return files.flatMap(({ name, state, bytes, sha256, detail }) => {
    const sign = state === 'ok' ? paint('green', '✓') : paint('red', '✗')
    const size = bytes === null ? '' : `  ${formatBytes(bytes)}`
    return [
      `${sign} ${sanitizeForTerminal(name)}  ${state}${size}`,
      ...(sha256 === null ? [] : [paint('dim', `    sha256 ${sha256}`)]),
      ...(detail === null ? [] : [`    ${sanitizeForTerminal(detail)}`]),
    ]
  })
}

/** While it goes on. */
export function viewTensorProgress(bytesDone: number, bytesTotal: number): string {
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesDone) / bytesTotal)
  return `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)} read, ${percent} % …`
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`
}
