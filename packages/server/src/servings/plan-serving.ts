/** What an engine that is started from here is called, and what is launched for it. Pure. */
import { limits, type LaunchSpec, PilothouseError, servingCommands, type servingStart } from '@pilothouse/contract'
import type { z } from 'zod'
import type { NewLaunch } from '../launches/launch-operations.ts'
import { writeRecipe } from '../launches/launch-routes.ts'
import type { PlanFacts } from '../launches/plan-launch.ts'
import type { KeptServing } from './serving-rows.ts'
import { writeCommand } from './write-command.ts'

type Asked = z.output<typeof servingStart>

/** Ports that nobody has by custom. The upper ones are what systems give away for connections. */
const ports = { from: 20_000, to: 60_000 }

/** @param random a whole number below `max` */
export function choosePort(random: (max: number) => number): number {
  return ports.from + random(ports.to - ports.from)
}

/**
 * The specification of the launch, with placeholders in its command.
 * @throws PilothouseError `invalid`
 */
export function planServing(asked: Asked, name: string): LaunchSpec {
  const { target, project, code, within, environment, resources, directives } = asked
  if (resources.nodes > 1 || (resources.tasks ?? 1) > 1)
    throw new PilothouseError('invalid', 'An engine that is started from here runs on one node, as one task.', {
      field: 'resources.nodes',
      hint: 'An engine over several nodes is launched as a job, and made known by its address.',
    })
  return {
    target,
    project,
    code,
    within,
    environment,
    resources,
    directives,
    name: `engine ${name}`.slice(0, limits.nameLengthMax),
    kind: 'engine',
    tags: ['engine'],
    command: chooseCommand(asked),
    torchrun: false,
    // It would begin anew at another place.
    requeue: false,
    warnSeconds: null,
  }
}

function chooseCommand({ kind, command }: Asked): string[] {
  if (command !== undefined) return command
  if (kind !== 'custom') return [...servingCommands[kind]]
  throw new PilothouseError('invalid', 'There is no command that starts the engine.', {
    field: 'command',
    hint: 'Write its words, with {model} and {port} in them.',
  })
}

/** After what it serves: the last part of a path. */
export function nameServing(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return (parts.at(-1) ?? path)
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, limits.nameLengthMax)
    .toWellFormed()
}

type Written = Pick<KeptServing, 'name' | 'modelName' | 'path' | 'spec'> & { port: number; uid: string }

/** One try: the job that it runs as. */
export function writeLaunch({ modelName, path, spec, port, uid }: Written, facts: PlanFacts): NewLaunch {
  const target = facts.target?.kind ?? 'local'
  const command = writeCommand(spec.command, { target, model: path, name: modelName, port })
  const own = { ...spec, command }
  return {
    uid,
    name: spec.name ?? 'engine',
    project: facts.project?.name ?? 'default',
    kind: spec.kind,
    spec: own,
    recipe: writeRecipe(own, facts),
  }
}
