/** Where jobs can run: the machine of the server, and what `clusters.yaml` names. One connection for each, kept while it is of use. */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  type ClusterSettings,
  type HostSettings,
  type LaunchTarget,
  PilothouseError,
  type TargetKind,
} from '@pilothouse/contract'
import { openLocalTarget, openSlurmTarget, openSshTarget, type Target } from '@pilothouse/fleet'
import type { Clusters } from '../clusters/clusters.ts'
import type { Ways } from '../clusters/open-way.ts'
import type { PlannedTarget } from './plan-launch.ts'

type Named = { kind: TargetKind; host: string | null; settings: ClusterSettings | HostSettings | null }
type Parts = {
  clusters: Clusters
  ways: Ways
  /** Of the server. */
  dataFolder: string
  /** Of what runs on this machine: nothing secret of the server is in it. */
  environment: Readonly<Record<string, string>>
  /** Rented machines that run, none of them with one of these names. */
  rented: (names: ReadonlySet<string>) => Promise<HostSettings[]>
}

/** Without `keep_code_days`. */
const keepCodeDaysDefault = 14
const templateBytesMax = 256 * 1024

export type OpenTarget = {
  target: Target
  /** Below it lie the folders of runs. */
  root: string
  environment: ClusterSettings['environment']
  template: string | null
  /** Code that no job has used for so long may go. */
  keepCodeDays: number
}

export class TargetBook {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async list(): Promise<LaunchTarget[]> {
    const named = await this.#read()
    return [...named].map(([name, { kind, host }]) => ({ name, kind, host }))
  }

  /**
   * What a plan needs to know of one; null when there is none of this name.
   * @throws PilothouseError `invalid` when its template cannot be read
   */
  async describe(name: string): Promise<PlannedTarget | null> {
    const found = (await this.#read()).get(name)
    if (!found) return null
    const template = await readTemplate(found.settings)
    // Nobody waits for a cluster that does not answer: its limits are checked by itself, then.
    const known = found.kind === 'slurm' ? await this.#parts.clusters.look(name, { fresh: false }) : null
    const { at, partitions, accounts } = known?.facts?.availability ?? {}
    return {
      kind: found.kind,
      environment: found.settings?.environment,
      template,
      partitions: at === undefined || partitions === undefined ? null : { at, partitions, accounts: accounts ?? null },
    }
  }

  /**
   * Opens one; nothing is connected before it is used.
   * @throws PilothouseError `notFound`
   */
  async open(name: string): Promise<OpenTarget> {
    const found = (await this.#read()).get(name)
    if (!found)
      throw new PilothouseError('notFound', `There is no target «${name}» any more.`, {
        hint: 'clusters.yaml named it when the job was launched, or it is a rented machine that does not run: bring it back to reach its jobs.',
      })
    const { dataFolder, environment, ways } = this.#parts
    const { settings } = found
    if (settings === null) {
      const root = join(dataFolder, 'local')
      return {
        target: openLocalTarget({ name, root, environment }),
        root,
        environment: undefined,
        template: null,
        keepCodeDays: keepCodeDaysDefault,
      }
    }
    const root = settings.workspace ?? '~/.pilothouse'
    const connect = (signal: AbortSignal) => ways.openLink(settings, signal)
    const place = { name, root, connect }
    const isHere = settings.host === 'local'
    const target =
      found.kind === 'ssh' ? openSshTarget(place) : openSlurmTarget(isHere ? { name, root, environment } : place)
    const keepCodeDays = Number(settings.keep_code_days ?? keepCodeDaysDefault)
    return { target, root, environment: settings.environment, template: await readTemplate(settings), keepCodeDays }
  }

  async #read(): Promise<Map<string, Named>> {
    const { clusters, hosts } = await this.#parts.clusters.settings()
    const names = new Set(['local', ...hosts.map(({ name }) => name), ...clusters.map(({ name }) => name)])
    const rented = await this.#parts.rented(names)
    return new Map<string, Named>([
      ['local', { kind: 'local', host: null, settings: null }],
      ...[...hosts, ...rented].map((settings): [string, Named] => [
        settings.name,
        { kind: 'ssh', host: settings.host, settings },
      ]),
      ...clusters.map((settings): [string, Named] => [settings.name, { kind: 'slurm', host: settings.host, settings }]),
    ])
  }
}

async function readTemplate(settings: Named['settings']): Promise<string | null> {
  if (settings?.template === undefined) return null
  const path = settings.template.replace(/^~(?=\/|$)/, homedir())
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PilothouseError('invalid', `The template ${path} of «${settings.name}» cannot be read.`, {
      field: 'template',
      hint: 'clusters.yaml names it; the user that the server runs as must be able to read it.',
      cause,
    })
  })
  if (text.length <= templateBytesMax) return text
  throw new PilothouseError('invalid', `The template ${path} is too large.`, { field: 'template' })
}
