/** The mail server of the lab (`lab/mail_server.py`), for tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type LabMail = { from: string; to: string[]; subject: string; text: string }
export type LabMailServer = {
  /** With the name and password that it takes. */
  url: string
  /** The next mail that nobody has read yet. */
  next(): Promise<LabMail>
  close(): Promise<void>
}

/** Starts a mail server on a free port of this machine. */
export async function startMailServer(): Promise<LabMailServer> {
  const python = fileURLToPath(new URL('../.cache/venv/bin/python', import.meta.url))
  const child = spawn(python, [fileURLToPath(new URL('mail_server.py', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async (): Promise<unknown> => {
    const line = await lines.next()
    if (line.done) throw new Error('The mail server of the lab has ended.')
    return JSON.parse(line.value)
  }
  const { port } = (await read()) as { port: number } // its first line
  return {
    url: `smtp://pilot:house@127.0.0.1:${port}`,
    next: async () => (await read()) as LabMail, // its other lines
    close: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}
