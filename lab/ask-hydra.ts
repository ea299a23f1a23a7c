/** What Hydra's own parser of overrides makes of values. */
import { execFileSync } from 'node:child_process'
import { findPython } from './find-python.ts'

const program = `
import json, sys
from hydra.core.override_parser.overrides_parser import OverridesParser
parser = OverridesParser.create()
answers = []
for text in json.load(sys.stdin):
    try:
        found = parser.parse_override("x=" + text)
        values = list(found.sweep_string_iterator()) if found.is_sweep_override() else [found.get_value_element_as_str()]
        answers.append([repr(parser.parse_override("x=" + value).value()) for value in values])
    except Exception:
        answers.append(None)
json.dump(answers, sys.stdout)
`

/** Of each text behind `=` the values it is swept over, as Python shows them; null where Hydra refuses it. */
export function askHydra(texts: readonly string[]): (string[] | null)[] {
  return runPython(program, texts) as (string[] | null)[] // what the program above prints
}

/** Texts as Python shows them. */
export function showInPython(texts: readonly string[]): string[] {
  return runPython(
    'import json, sys; json.dump([repr(x) for x in json.load(sys.stdin)], sys.stdout)',
    texts,
  ) as string[] // as above
}

function runPython(code: string, input: unknown): unknown {
  const output = execFileSync(findPython(), ['-c', code], { input: JSON.stringify(input), encoding: 'utf8' })
  return JSON.parse(output)
}
