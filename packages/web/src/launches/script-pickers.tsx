import { useState } from 'react'
import type { ScriptChoices } from '@pilothouse/contract'
import { ChoiceField, TextField } from '../ui/fields.tsx'
import { type PartProps, noArguments } from './script-draft.ts'

const kinds = { hydra: 'Hydra', argparse: 'argparse', jsonargparse: 'jsonargparse', other: 'other arguments' }

/** Which script, by which interpreter: one that was found, or another. */
export function Pickers({ choices, choice, onChange }: PartProps & { choices: ScriptChoices }) {
  const scripts = choices.scripts.map(
    ({ path, kind }) => [path, kind === null ? path : `${path} (${kinds[kind]})`] as const,
  )
  const interpreters = choices.interpreters.map(({ path, words }) => [path, `${path} (${words})`] as const)
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Picker
        label="Script"
        value={choice.script}
        choices={scripts}
        hint={`Its path in the project${choices.more ? '; there are more than are listed' : ''}`}
        onChange={(script) => onChange({ ...choice, script, arguments: noArguments })}
      />
      <Picker
        label="Interpreter"
        value={choice.interpreter}
        choices={interpreters}
        hint="A Python on the machine that it runs on"
        onChange={(interpreter) => onChange({ ...choice, interpreter })}
      />
    </div>
  )
}

type PickerProps = {
  label: string
  value: string
  choices: readonly (readonly [string, string])[]
  hint: string
  onChange: (value: string) => void
}

/** One of several, or a path that somebody writes. */
function Picker({ label, value, choices, hint, onChange }: PickerProps) {
  const isListed = choices.some(([one]) => one === value)
  const [isFree, setFree] = useState(!isListed)
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {choices.length === 0 ? null : (
        <ChoiceField
          label={label}
          value={isFree ? '' : value}
          choices={[...choices, ['', 'Another path …']]}
          onChange={(next) => {
            setFree(next === '')
            if (next !== '') onChange(next)
          }}
        />
      )}
      {isFree || choices.length === 0 ? (
        <TextField
          label={choices.length === 0 ? label : `Path of the ${label.toLowerCase()}`}
          mono
          value={value}
          hint={hint}
          onChange={onChange}
        />
      ) : null}
    </div>
  )
}
