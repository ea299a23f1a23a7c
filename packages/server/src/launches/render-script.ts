/** The script that runs over there, from a template in the syntax of Jinja and what somebody wants to launch. Pure. */
import { type ClusterSettings, type LaunchSpec, PilothouseError, type TargetKind } from '@pilothouse/contract'
import { quotePath, quoteShell } from '@pilothouse/fleet'
import * as library from '@huggingface/jinja'
import { defaultTemplate } from './default-template.ts'

export type ScriptParts = {
  spec: LaunchSpec
  name: string
  uid: string
  attempt: number
  kind: TargetKind
  environment: ClusterSettings['environment']
  /** Whole paths over there; null: there is none, or it is not known yet. */
  codeFolder: string | null
  sdkFolder: string | null
  runFolder: string | null
  /** null: the one that we bring. */
  template: string | null
}

type Template = { parsed: unknown; render: (variables: Record<string, unknown>) => string }
/** Its types name files in a way that is not found here. */
const jinja = library as unknown as {
  Template: new (text: string) => Template
  parse: (tokens: unknown) => unknown
  tokenize: (text: string, options: object) => unknown
}

const scriptLengthMax = 256 * 1024

/**
 * Fills the template in.
 * @throws PilothouseError `invalid` for the field `template`, with the line where that is known
 */
export function renderScript(parts: ScriptParts): string {
  const { spec, template } = parts
  const { resources, torchrun, directives } = spec
  const { modules = [], conda = '', uv = '', container = '' } = parts.environment ?? {}
  const variables = {
    name: parts.name.replaceAll(/\p{Cc}/gu, ' '),
    uid: parts.uid,
    attempt: parts.attempt,
    command: writeCommand(spec, { kind: parts.kind, container }),
    code_folder: parts.codeFolder ?? '',
    in_place: spec.code.kind === 'folder',
    within: spec.within,
    run_folder: parts.runFolder ?? '',
    sdk_folder: parts.sdkFolder ?? '',
    environment: spec.environment,
    modules,
    conda,
    uv,
    container,
    resources: { ...resources, gpus: resources.gpus ?? { type: null, count: 0 } },
    directives: directives.map(stripDirective),
    torchrun,
    target: spec.target,
    quote: (text: unknown) => quoteWord(String(text)),
  }
  const text = fill(template ?? defaultTemplate, variables)
  if (!text.startsWith('#!'))
    throw refuse('The script that the template makes does not begin with «#!».', 'Begin it with «#!/bin/bash».')
  if (text.length > scriptLengthMax)
    throw refuse(`The template makes a script of ${text.length} characters.`, 'A script has at most 262,144.')
  if (text.includes('\0')) throw refuse('The script holds a NUL, which no file of a shell can.', 'Leave it out.')
  return text.endsWith('\n') ? text : `${text}\n`
}

function fill(template: string, variables: Record<string, unknown>): string {
  const said = findFault(template, variables)
  if (said === undefined) return readTemplate(template).render(variables)
  const lines = template.split('\n')
  // The interpreter names no lines: it is the first one with which the same goes wrong.
  const at = lines.findIndex((_, end) => findFault(lines.slice(0, end + 1).join('\n'), variables) === said)
  throw refuse(
    `Line ${at + 1} of the template cannot be filled in: ${said}`,
    'See docs/launching.md for what it may name.',
  )
}

/** White space as Jinja leaves it by itself: the library alone would strip it around blocks, as chat templates want it. */
function readTemplate(text: string): Template {
  const template = new jinja.Template('')
  template.parsed = jinja.parse(jinja.tokenize(text, {}))
  return template
}

/** What is wrong with a template; undefined: nothing. */
function findFault(template: string, variables: Record<string, unknown>): string | undefined {
  try {
    const parsed = readTemplate(template)
    const unknown = findUnknown(parsed.parsed, new Set(Object.keys(variables)))
    if (unknown !== undefined) return `there is no variable «${unknown}».`
    parsed.render(variables)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Names that Jinja itself has. */
const ownNames = ['loop', 'range', 'namespace', 'true', 'false', 'none', 'True', 'False', 'None', 'raise_exception']

/** A name that nothing in the template or around it has: Jinja would write nothing in its place. */
function findUnknown(program: unknown, known: ReadonlySet<string>): string | undefined {
  const used: string[] = []
  const set = new Set<string>([...known, ...ownNames])
  const walk = (node: unknown, sets: boolean): void => {
    if (node instanceof Map) return node.forEach((part, key) => walk([key, part], sets))
    if (Array.isArray(node)) return node.forEach((one) => walk(one, sets))
    if (typeof node !== 'object' || node === null) return
    const { type, value, ...parts } = node as Record<string, unknown> // checked above
    if (type === 'Identifier' && typeof value === 'string') {
      if (sets) set.add(value)
      else used.push(value)
      return
    }
    walk(value, sets)
    for (const [name, part] of Object.entries(parts)) {
      if (isNoVariable(type, name, parts)) continue
      walk(part, setting.has(`${String(type)}.${name}`))
    }
  }
  walk(program, false)
  return used.find((name) => !set.has(name))
}

/** Where the parts of a statement give names to something. */
const setting = new Set(['For.loopvar', 'Set.assignee', 'Macro.name', 'Macro.args'])

/** Members, filters, tests and names of arguments are words of their own. */
function isNoVariable(type: unknown, name: string, parts: Record<string, unknown>): boolean {
  if (type === 'MemberExpression') return name === 'property' && parts['computed'] !== true
  if (type === 'TestExpression') return name === 'test'
  return name === 'filter' || name === 'key' || name === 'operator'
}

function refuse(message: string, hint: string): PilothouseError {
  return new PilothouseError('invalid', message, { field: 'template', hint })
}

/** Words as a shell reads them back. `exec` runs it: one simple command. */
function writeCommand(spec: LaunchSpec, { kind, container }: { kind: TargetKind; container: string }): string {
  const { nodes, tasks, gpus } = spec.resources
  const isSpread = kind === 'slurm' && (nodes > 1 || (!spec.torchrun && (tasks ?? 1) > 1))
  const inside = container === '' ? '' : `apptainer exec${gpus ? ' --nv' : ''} ${quoteWord(container)} `
  if (!spec.torchrun) return `${isSpread ? 'srun ' : ''}${inside}${spec.command.map(quoteWord).join(' ')}`
  const [interpreter = 'python3', ...rest] = spec.command
  const each = tasks ?? gpus?.count ?? 1
  const meeting = isSpread
    ? `--nnodes="$SLURM_NNODES" --rdzv-backend=c10d --rdzv-id="$SLURM_JOB_ID" --rdzv-endpoint="$head:$port"`
    : '--standalone'
  const launcher = `${inside}${quoteWord(interpreter)} -m torch.distributed.run --nproc-per-node=${each} ${meeting}`
  const start = isSpread ? 'srun --ntasks-per-node=1 --ntasks="$SLURM_NNODES" ' : ''
  return [`${start}${launcher}`, ...rest.map(quoteWord)].join(' ')
}

/** «#SBATCH --mem=4G» is `--mem=4G`. */
export function stripDirective(line: string): string {
  return line.replace(/^\s*#SBATCH\s+/, '').trim()
}

/** Without quotes where a word means the same to a shell either way; a `~/` in front stays the home folder over there. */
function quoteWord(text: string): string {
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) && !/^\w+=/.test(text)) return text
  return text.startsWith('~/') ? quotePath(text) : quoteShell(text)
}
