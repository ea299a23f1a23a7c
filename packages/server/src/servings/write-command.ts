/** The command that starts an engine, with what its placeholders stand for. Pure. */
import { type ServingPlaceholder, servingPlaceholders, type TargetKind } from '@pilothouse/contract'
import { quotePath, quoteShell } from '@pilothouse/fleet'

export type CommandFacts = { target: TargetKind; model: string; name: string; port: number }

/** Variables of the run that have the key: ours, and those that vLLM and llama.cpp read by themselves. */
export const keyVariables = ['PILOTHOUSE_ENGINE_KEY', 'VLLM_API_KEY', 'LLAMA_API_KEY'] as const

/** On a cluster it is reached from the login node: it listens where Slurm reaches its node. */
const findHost = [
  'host=$(scontrol show node "$SLURMD_NODENAME" 2>/dev/null | grep -o "NodeAddr=[^ ]*" | cut -d = -f 2)',
  'host=${host:-$(hostname)}',
].join('; ')

const known = new RegExp(`\\{(${servingPlaceholders.join('|')})\\}`)

/**
 * Words of a launch. What is known only where it runs, and the key, which must not be shown, stands in them as a variable of a
 * shell, and everything else between quotes.
 */
export function writeCommand(words: readonly string[], facts: CommandFacts): string[] {
  const split = words.map((word) => word.split(known).map((part, at) => fillPart(part, at % 2 === 1, facts)))
  if (split.flat().every(({ variable }) => variable === null)) return split.map(joinParts)
  const line = split.map((parts) => parts.map(quotePart).join('') || "''").join(' ')
  const needsHost = split.flat().some(({ variable }) => variable === 'host')
  return ['sh', '-c', `${needsHost ? `${findHost}; ` : ''}exec ${line}`]
}

/** Whether a command names the model as it is to be called: then the engine must list it. */
export function namesModel(words: readonly string[]): boolean {
  return words.some((word) => word.includes('{name}'))
}

type Part = { text: string; variable: string | null }

function fillPart(text: string, isPlaceholder: boolean, { target, model, name, port }: CommandFacts): Part {
  if (!isPlaceholder) return { text, variable: null }
  const placeholder = text as ServingPlaceholder // that is what the words were split at
  switch (placeholder) {
    case 'model':
      return { text: model, variable: null }
    case 'name':
      return { text: name, variable: null }
    case 'port':
      return { text: String(port), variable: null }
    case 'host':
      return target === 'slurm' ? { text: '', variable: 'host' } : { text: '127.0.0.1', variable: null }
    case 'key':
      return { text: '', variable: keyVariables[0] }
    default:
      return placeholder satisfies never
  }
}

function joinParts(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join('')
}

/** `~/` in front of a word stays the home folder over there, as in every launch. */
function quotePart({ text, variable }: Part, at: number, parts: readonly Part[]): string {
  if (variable !== null) return `"$${variable}"`
  if (text === '') return ''
  const isFirst = parts.slice(0, at).every((part) => part.text === '' && part.variable === null)
  return isFirst ? quotePath(text) : quoteShell(text)
}
