/** What the script of a launch says of the words of its jobs, before any of them is sent. */
import { posix } from 'node:path'
import type { Client } from '@pilothouse/client'
import { joinWords, type LaunchSpec, type Project, takeAsked } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { CommandError } from './exit-code.ts'

export type WordsCheck = {
  /** In the project. */
  script: string
  jobs: number
  /** Jobs that were looked at. */
  checked: number
  /** What it would not take: `job` counts from 1, `words` are those that the sweep adds. */
  refused: { job: number; words: string[]; message: string }[]
}

type Question = { spec: LaunchSpec; variants: readonly string[][]; project: Pick<Project, 'id'> | null }

/**
 * The beginning of the script runs for it, on the machine of the control room, in the code as it lies there now.
 * @throws CommandError where it cannot be asked
 */
export async function checkWords(client: Client, { spec, variants, project }: Question): Promise<WordsCheck> {
  const { script, interpreter, words } = findScript(spec)
  const id = project?.id ?? null
  if (id === null)
    throw new CommandError('usage', 'There is no project whose script could be asked.', { next: withoutCheck })
  const params = { id: String(id) }
  const { interpreters } = await client.call('scripts.list', { params })
  // What is called so on another machine need not be here: there the environment of the project is asked.
  const isHere =
    interpreter !== null && (spec.target === 'local' || interpreters.some(({ path }) => path === interpreter))
  const asked = isHere ? interpreter : (interpreters[0]?.path ?? 'python3')
  const [first = [], ...more] = takeAsked(variants.map((variant) => [...words, ...variant]))
  const told = await client.call('scripts.describe', {
    params,
    body: { script, interpreter: asked, words: first, more, consent: true },
  })
  const { kind, fault, recognised } = told
  if (kind === 'none' || fault !== null)
    throw new CommandError(
      'failed',
      `The words of the jobs cannot be checked: ${sanitizeForTerminal(script)} was not asked.`,
      {
        why: sanitizeForTerminal(
          fault?.message ??
            (recognised === null ? 'It reads no arguments that are known.' : `${recognised} cannot be looked into.`),
        ),
        next: withoutCheck,
      },
    )
  const found = [...told.errors.slice(0, 1).map((error) => ({ job: -1, ...error })), ...told.others.errors]
  return {
    script,
    jobs: variants.length,
    checked: 1 + told.others.checked,
    refused: found.map(({ job, key, message }) => ({
      job: job + 2,
      words: variants[job + 1] ?? [],
      message: key === null ? message : `${key}: ${message}`,
    })),
  }
}

/** A line for each job that it refuses, and one for those that were not looked at. */
export function viewWordsCheck({ jobs, checked, refused }: WordsCheck): string[] {
  const lines = refused.map(({ job, words, message }) => {
    const of = jobs === 1 ? '' : `Job ${job} (${joinWords(words)}): `
    return sanitizeForTerminal(`${of}${message.replaceAll(/\s*\n\s*/g, ' ')}`)
  })
  return checked < jobs ? [...lines, `The last ${jobs - checked} of them are not checked.`] : lines
}

const withoutCheck = 'Leave --check out to launch it without.'

type Found = {
  script: string
  /** null: no Python is named. */
  interpreter: string | null
  words: string[]
}

/** The Python script among the words, and what stands before and behind it. */
function findScript({ command, within }: LaunchSpec): Found {
  const at = command.findIndex((word) => /^[^-].*\.py$/.test(word))
  const [first = ''] = command
  const script = command[at]
  if (script === undefined)
    throw new CommandError('usage', 'There is no Python script in the command that could be asked.', {
      next: withoutCheck,
    })
  const isPython = at > 0 && /(^|\/)python[\d.]*$/.test(first)
  const isInside = first.includes('/') && !first.startsWith('/')
  return {
    script: posix.join(within, script),
    interpreter: isPython ? (isInside ? posix.join(within, first) : first) : null,
    words: command.slice(at + 1),
  }
}
