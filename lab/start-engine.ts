/** The lab's real inference engine (`lab/engine`), for tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type LabEngine = {
  /** Without a path: `/v1/chat/completions`, `/metrics` and the others come behind it. */
  url: string
  apiKey: string
  model: string
  close(): Promise<void>
}

/**
 * Starts llama.cpp's server with a small model on a free port of this machine.
 * @param options.args options of `lab/engine`
 */
export async function startEngine(options: { args?: readonly string[] } = {}): Promise<LabEngine> {
  const python = fileURLToPath(new URL('../.cache/venv/bin/python', import.meta.url))
  const script = fileURLToPath(new URL('engine', import.meta.url))
  const child = spawn(python, [script, ...(options.args ?? [])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close').then(() => [''])
  const line = String((await Promise.race([once(createInterface(child.stdout), 'line'), closed]))[0])
  const [, url, apiKey, model] = /^ready (\S+) (\S+) (\S+)$/.exec(line) ?? []
  if (url === undefined || apiKey === undefined || model === undefined) {
    throw new Error(`lab/engine did not start (${line})`)
  }
  return {
    url,
    apiKey,
    model,
    close: async () => {
      child.stdin.end()
      await closed
    },
  }
}
