import type { LaunchPreset, View } from '@pilothouse/contract'
import { joinWords } from '@pilothouse/contract/wire'
import { sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Column, viewTable } from './table.ts'

const columns: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'NAME' },
  { title: 'PROJECT' },
  { title: 'TARGET' },
  { title: 'BY' },
  { title: 'SHARED' },
  { title: 'COMMAND', elastic: true },
]

/** Presets of launches as a table. */
export function viewPresets(
  presets: readonly { view: View; preset: LaunchPreset }[],
  { paint, width }: { paint: Paint; width: number },
): string[] {
  if (presets.length === 0) return ['No preset yet: «pilothouse launch --save-preset NAME … -- COMMAND» keeps one.']
  const rows = presets.map(({ view, preset: { project, spec, form } }) =>
    [
      String(view.id),
      view.name,
      project ?? '–',
      spec.resources.partition === undefined ? spec.target : `${spec.target}/${spec.resources.partition}`,
      view.owner.name,
      view.isShared ? 'yes' : 'no',
      spec.command.length > 0 ? joinWords(spec.command) : form ? `${form.script}, several jobs` : '–',
    ].map((text) => ({ text: sanitizeForTerminal(text) })),
  )
  const [head = '', ...lines] = viewTable(columns, rows, width)
  return [paint('dim', head), ...lines]
}
