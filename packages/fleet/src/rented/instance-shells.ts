/** Shells on rented machines, kept open between looks; of too many the one used longest ago is closed. */
import { makeSshRunner } from '../script-runner.ts'
import type { SshLink } from '../ssh/ssh-link.ts'
import { type InstanceWayOptions, openInstanceShell } from './instance-shell.ts'
import { type InstanceLook, lookAtInstance, type LookOptions } from './look-at-instance.ts'

/** Each is a process of ssh. */
const shellsMax = 32

export class InstanceShells {
  readonly #shells = new Map<string, Promise<SshLink>>()
  readonly #options: Omit<InstanceWayOptions, 'instance'>

  /** @param options as for `openInstanceShell`, the same for all machines */
  constructor(options: Omit<InstanceWayOptions, 'instance'>) {
    this.#options = options
  }

  /**
   * Looks once, through the shell of the look before where there is one.
   * @throws RangeError for patterns that cannot be used; SshError, ScriptError
   */
  async look(instance: InstanceWayOptions['instance'], options: LookOptions): Promise<InstanceLook> {
    return lookAtInstance(makeSshRunner(await this.#find(instance, options.signal)), options)
  }

  async close(): Promise<void> {
    const open = [...this.#shells.values()]
    this.#shells.clear()
    await Promise.all(open.map(closeShell))
  }

  async #find(instance: InstanceWayOptions['instance'], signal: AbortSignal | undefined): Promise<SshLink> {
    const { provider, id, ssh } = instance
    const key = [provider, id, ssh?.host, ssh?.port].join(' ')
    const known = this.#shells.get(key)
    const shell = known ?? this.#open(key, { ...this.#options, instance, signal })
    this.#shells.delete(key)
    this.#shells.set(key, shell)
    await this.#shrink()
    return shell
  }

  /** One that cannot be opened, or breaks, is opened anew by the next look. */
  #open(key: string, options: Parameters<typeof openInstanceShell>[0]): Promise<SshLink> {
    const shell = openInstanceShell(options)
    const forget = (): void => {
      if (this.#shells.get(key) === shell) this.#shells.delete(key)
    }
    shell.then((link) => link.closed.then(forget), forget)
    return shell
  }

  async #shrink(): Promise<void> {
    for (const [key, shell] of this.#shells) {
      if (this.#shells.size <= shellsMax) return
      this.#shells.delete(key)
      await closeShell(shell)
    }
  }
}

async function closeShell(shell: Promise<SshLink>): Promise<void> {
  const open = await shell.catch(() => null) // one that never opened needs no end
  await open?.close()
}
