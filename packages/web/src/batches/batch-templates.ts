/** Settings of batches under a name, kept in this browser as JSON. Pure but for `useTemplates`. */
import { useStored } from '../ui/use-stored.ts'
import { type BatchDraft, readDraft } from './batch-draft.ts'

export type BatchTemplate = { name: string; draft: BatchDraft }

/** The oldest go. */
export const templatesMax = 30
export const templateNameLengthMax = 80

/** Templates by name; of text that is none, none. */
export function readTemplates(text: string | null): BatchTemplate[] {
  const kept = parse(text)
  if (!Array.isArray(kept)) return []
  return kept.flatMap((one: unknown): BatchTemplate[] => {
    if (typeof one !== 'object' || one === null || !('name' in one) || typeof one.name !== 'string') return []
    return [{ name: one.name, draft: readDraft('draft' in one ? one.draft : undefined) }]
  })
}

/** With this one, instead of the one of the same name. */
export function putTemplate(templates: readonly BatchTemplate[], template: BatchTemplate): BatchTemplate[] {
  const name = template.name.trim().slice(0, templateNameLengthMax)
  if (name === '') return [...templates]
  const others = templates.filter((one) => one.name !== name).slice(1 - templatesMax)
  return [...others, { ...template, name }].toSorted((a, b) => a.name.localeCompare(b.name))
}

/** The templates of this browser, and the way to change them. */
export function useTemplates() {
  const [text, setText] = useStored('batches.templates', (kept) => kept ?? '')
  const templates = readTemplates(text)
  return {
    templates,
    put: (template: BatchTemplate): void => setText(JSON.stringify(putTemplate(templates, template))),
    remove: (name: string): void => setText(JSON.stringify(templates.filter((one) => one.name !== name))),
  }
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined // another version wrote it, or somebody: there are none then
  }
}
