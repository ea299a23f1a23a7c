/** Where Slurm reaches nodes: the name of one alone may have no address. */
import type { RunOptions } from '../runs/runs.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { runSlurm } from '../slurm/run-slurm.ts'

export class NodeAddresses {
  /** By the names of nodes. */
  readonly known = new Map<string, string>()
  readonly #parts: { runner: ScriptRunner; seconds: number }

  constructor(parts: { runner: ScriptRunner; seconds: number }) {
    this.#parts = parts
  }

  /** Asked once for each; its name where Slurm does not say. @throws SlurmError, SshError, ScriptError */
  async find(node: string, { signal }: RunOptions = {}): Promise<string> {
    const known = this.known.get(node)
    if (known !== undefined) return known
    const { runner, seconds } = this.#parts
    const ask = { words: ['scontrol', 'show', 'node', '--oneliner', node] }
    const [answer] = await runSlurm(runner, [ask], { seconds, signal, mayRepeat: true })
    const address = /\bNodeAddr=(\S+)/.exec(answer?.stdout ?? '')?.[1]
    if (address !== undefined) this.known.set(node, address)
    return address ?? node
  }
}
