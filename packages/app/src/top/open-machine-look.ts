/** Looks at rented machines over ssh, and where that fails by the logs that their provider has. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type InstanceLook, InstanceShells, type LogPlace, type Provider } from '@pilothouse/fleet'
import type { LookAtMachine } from '@pilothouse/terminal/top'
import type { World } from '../world.ts'
import { withProviderLog } from './provider-log.ts'

type GpuKey = 'gpu.utilization' | 'gpu.temperature' | 'gpu.memory.used' | 'gpu.memory.total'

/** `lookBy`: over ssh; of a machine that ssh does not reach, the log as its provider has it. */
export type MachineLooks = { lookBy(provider: Provider): LookAtMachine; close(): Promise<void> }

/** `logs`: patterns of files; absent: where they usually are. Keys of hosts are kept in a folder of our own. */
export function openMachineLooks(
  logs: readonly string[] | undefined,
  { environment, home, now }: Pick<World, 'environment' | 'home' | 'now'>,
): MachineLooks {
  const folder = join(
    environment['XDG_DATA_HOME'] || join(home || homedir(), '.local', 'share'),
    'pilothouse',
    'rented',
  )
  const shells = new InstanceShells({ folder, policy: 'accept-new' })

  const look: LookAtMachine = async (machine, { after, linesMax, signal }) => {
    const place = after as LogPlace | null // what the look before gave
    return readLook(await shells.look(machine, { logPatterns: logs, after: place, linesMax, signal }))
  }

  return {
    lookBy: (provider) => (provider.can.has('logs') ? withProviderLog(look, provider, now) : look),
    close: () => shells.close(),
  }
}

function readLook({ lines, place, gpus }: InstanceLook): Awaited<ReturnType<LookAtMachine>> {
  return {
    lines,
    place,
    gpus: gpus.map(({ values }) => {
      const read = (key: GpuKey): number | null => values.get(key) ?? null
      return {
        use: read('gpu.utilization'),
        memoryUsed: read('gpu.memory.used'),
        memoryTotal: read('gpu.memory.total'),
        temperature: read('gpu.temperature'),
      }
    }),
  }
}
