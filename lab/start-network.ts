/** Two machines of the lab, joined by cables that a test may cut. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type LabNetwork = {
  /** Words before a command that runs it on the one machine, or on the other. Cable N joins 10.77.N.1 and 10.77.N.2. */
  near: readonly string[]
  far: readonly string[]
  /** Pulls the plug: the near machine notices. */
  cut(cable: number): Promise<void>
  /** Lets packets vanish in both directions: nobody is told. */
  swallow(cable: number): Promise<void>
  heal(cable: number): Promise<void>
  /** Takes everything away again. What runs in it should have ended. */
  stop(): Promise<void>
}

/** @throws Error when this machine allows no network namespaces; the message says what is missing. */
export async function startNetwork({ cables = 1 }: { cables?: number } = {}): Promise<LabNetwork> {
  const child = spawn(fileURLToPath(new URL('netns', import.meta.url)), [String(cables)], { stdio: 'pipe' })
  const said: string[] = []
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString()))
  const closed = once(child, 'close').then(() => [''])
  const lines = createInterface(child.stdout)
  const readLine = async (): Promise<string> => String((await Promise.race([once(lines, 'line'), closed]))[0])
  const [word, near = '', far = '', ...options] = (await readLine()).split(/ +/)
  if (word !== 'ready') throw new Error(`There is no network for the test. ${said.join('').trim()}`)
  const order = async (text: string): Promise<void> => {
    child.stdin.write(`${text}\n`)
    if ((await readLine()) !== 'done') throw new Error(`«${text}» failed. ${said.join('').trim()}`)
  }
  const enter = (id: string): string[] => ['nsenter', '-t', id, ...options]
  return {
    near: enter(near),
    far: enter(far),
    cut: (cable) => order(`cut ${cable}`),
    swallow: (cable) => order(`swallow ${cable}`),
    heal: (cable) => order(`heal ${cable}`),
    stop: async () => {
      child.stdin.end()
      await closed
    },
  }
}
