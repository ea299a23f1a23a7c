/** Values, curves and progress of an old job. Pure. */
import type { JobPatch, StageEvent } from '@pilothouse/contract'
import type { FieldPicker } from './field-picker.ts'
import { type History, readHistory } from './read-history.ts'
import { type OldState, readCount, readFraction, readObject, toNumber, type ValueReader } from './value-readers.ts'

export type Measures = { summary: Record<string, Json>; history: History | undefined }
type Json = NonNullable<JobPatch['config']>[string]

/** Final values go into the summary; whatever has several values is a curve. */
export function readMeasures(picker: FieldPicker, times: { time: ValueReader<number>; fallback: number }): Measures {
  const history: ValueReader<History> = {
    expected: 'a list of rows as {"step": 1, "loss": 2.3}, or lists by name',
    read: (value) => readHistory(value, times),
  }
  const told = picker.take(
    ['history', 'metrics_history', 'training_history', 'losses', 'loss_history', 'curve', 'training_curve'],
    history,
  )
  const groups = [
    picker.take(['metrics', 'final_metrics', 'current_metrics', 'live_metrics', 'results'], readObject),
    picker.take(['performance', 'performance_summary', 'summary'], readObject),
  ]
  const summary: Record<string, Json> = {}
  const lists: Record<string, unknown> = {}
  for (const group of groups) {
    for (const [name, value] of Object.entries(group ?? {})) {
      if (Array.isArray(value) && value.every((one) => toNumber(one) !== undefined)) lists[name] = value
      else summary[name] = plainValue(value)
    }
  }
  for (const name of ['loss', 'final_loss', 'accuracy', 'final_accuracy', 'f1', 'f1_score', 'val_loss', 'cost']) {
    const value = picker.take([name], anyNumber)
    if (value !== undefined) summary[name] = value
  }
  const artifacts = picker.take(['deployment', 'deployed_at', 'deployment_url', 'endpoint'], anything)
  if (artifacts !== undefined) summary['deployment'] = plainValue(artifacts)
  const output = picker.take(['artifacts', 'output_path', 'model_path', 'checkpoint', 'saved_to'], anything)
  if (output !== undefined) summary['saved'] = plainValue(output)
  return { summary, history: told ?? readHistory(lists, times) }
}

const anyNumber: ValueReader<number> = {
  expected: 'a number',
  read: (value) => {
    const number = toNumber(value)
    return number !== undefined && Number.isFinite(number) ? number : undefined
  },
}
const anything: ValueReader<unknown> = { expected: 'anything', read: (value) => value }

/** How far a job came, as its «Training» stage when the file has no timeline. */
export function readSteps(
  picker: FieldPicker,
  state: OldState,
  { startedMs }: { startedMs: number },
): { patch: JobPatch; events: StageEvent[] } {
  const step = picker.take(['current_step', 'step', 'global_step', 'steps_completed'], readCount)
  const totalSteps = picker.take(['total_steps', 'max_steps', 'num_steps'], readCount)
  picker.take(['current_epoch', 'epoch'], readCount)
  const totalEpochs = picker.take(['total_epochs', 'epochs', 'num_epochs', 'max_epochs'], readCount)
  const fraction = picker.take(['progress', 'progress_percent', 'percentage', 'completion'], readFraction)
  const patch = {
    ...(totalSteps ? { totalSteps } : {}),
    ...(totalEpochs ? { totalEpochs } : {}),
  }
  const counts =
    step !== undefined && totalSteps
      ? { done: step, total: totalSteps }
      : fraction === undefined
        ? undefined
        : { done: fraction * 100, total: 100 }
  if (counts === undefined || state === 'waiting') return { patch, events: [] }
  return { patch, events: [{ name: 'Training', state: 'active', at: startedMs, ...counts }] }
}

function plainValue(value: unknown): Json {
  const number = toNumber(value)
  return number !== undefined && Number.isFinite(number) ? number : (toJson({ value })['value'] ?? null)
}

/** As JSON can hold it: a number that it has no word for becomes a text. */
export function toJson(value: Record<string, unknown>): NonNullable<JobPatch['config']> {
  const text = JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? String(one) : one,
  )
  return JSON.parse(text) as NonNullable<JobPatch['config']> // an object went in
}
