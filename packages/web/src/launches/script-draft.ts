/** What stands in a field, and what is set by it. Pure. */
import type { ScriptArguments, ScriptDescription, ScriptField, ScriptOverride } from '@pilothouse/contract'
import { quoteHydra, unquoteHydra } from '@pilothouse/contract/wire'

/** Which script is started, by which interpreter, with what. */
export type ScriptChoice = { script: string; interpreter: string; arguments: ScriptArguments }

/** What each part of the form has. */
export type PartProps = { choice: ScriptChoice; onChange: (next: ScriptChoice) => void }

/** Nothing set. */
export const noArguments: ScriptArguments = { command: null, overrides: [], free: [] }

export function findOverride({ overrides }: ScriptArguments, key: string): ScriptOverride | undefined {
  return overrides.find((one) => one.key === key)
}

/** In its place if it was there, else at the end; undefined takes it away. */
export function setOverride(all: ScriptArguments, key: string, next: ScriptOverride | undefined): ScriptArguments {
  const isThere = all.overrides.some((one) => one.key === key)
  const overrides = isThere
    ? all.overrides.flatMap((one) => (one.key === key ? (next ?? []) : one))
    : [...all.overrides, ...(next ? [next] : [])]
  return { ...all, overrides }
}

/** As people write it. */
export function showValue(field: ScriptField, override: ScriptOverride | undefined): string {
  if (override === undefined) return field.default ?? ''
  const { value } = override
  return takesPlainText(field) ? (unquoteHydra(value ?? '') ?? value ?? '') : (value ?? '')
}

/** What a text in the field sets; undefined: what holds anyway. */
export function readValue(field: ScriptField, text: string): ScriptOverride | undefined {
  const { key, form, type, default: usual } = field
  const isNothing = text === '' && (usual === null || ['integer', 'number', 'boolean'].includes(type) || field.many)
  if (text === (usual ?? '') || isNothing) return undefined
  const value = takesPlainText(field) ? quoteHydra(text) : form === 'assign' ? text.trim() : text
  return { key, value, sweep: false }
}

/** Of Hydra: quoted as it must be. All else is written in the grammar of Hydra, or as it is. */
function takesPlainText({ form, type }: ScriptField): boolean {
  return form === 'assign' && (type === 'text' || type === 'choice')
}

/** A sweep over some of the choices of a field or group. */
export function joinChoices(choices: readonly string[]): string {
  return choices.map(quoteHydra).join(',')
}

export type Words = { key: string | null; message: string }

/** Faults by the field that they belong to, and those that belong to none that is shown. */
export function sortFaults(
  faults: readonly Words[],
  { fields, groups }: Pick<ScriptDescription, 'fields' | 'groups'>,
): { of: Map<string, string>; rest: Words[] } {
  const shown = new Set([...fields, ...groups].map(({ key }) => key))
  const of = new Map<string, string>()
  const rest: Words[] = []
  for (const fault of faults) {
    if (fault.key === null || !shown.has(fault.key)) rest.push(fault)
    else if (!of.has(fault.key)) of.set(fault.key, fault.message)
  }
  return { of, rest }
}

/** Fields under their headings, in the order in which they came; those without one first. */
export function groupFields(fields: readonly ScriptField[]): [heading: string | null, fields: ScriptField[]][] {
  const found = new Map<string | null, ScriptField[]>()
  for (const field of fields) found.set(field.group, [...(found.get(field.group) ?? []), field])
  return [...found].toSorted(([a], [b]) => Number(a !== null) - Number(b !== null))
}

/** True where each word of the filter stands in the name, the heading or the help. */
export function fitsFilter({ name, group, help }: ScriptField, filter: string): boolean {
  const text = `${name} ${group ?? ''} ${help ?? ''}`.toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
