/**
 * What the ssh client asks, handed to somebody who answers elsewhere: it runs a program for each question (SSH_ASKPASS), which
 * tells us through a socket and prints what it is given. One line of JSON each way; a secret of this connection comes first.
 * Neither question nor answer is kept anywhere.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { quoteShell } from './quote-shell.ts'

export type AskpassQuestion = {
  /** As the client, or the host through it, worded it. */
  text: string
  /** `notice`: nothing is to be answered, as where a key wants to be touched. */
  kind: 'secret' | 'confirm' | 'notice'
  /** Aborted when the client does not want to know any more. */
  signal: AbortSignal
}

export type Askpass = {
  /** For the client. */
  environment: NodeJS.ProcessEnv
  close(): Promise<void>
}

/** Of one question, bytes. */
const questionBytesMax = 64 * 1024

const program = `import { connect } from 'node:net'
const { PILOTHOUSE_ASKPASS_SOCKET: path, PILOTHOUSE_ASKPASS_SECRET: secret, SSH_ASKPASS_PROMPT: hint } = process.env
let answer = ''
const socket = connect(path, () => socket.write(JSON.stringify({ secret, hint, text: process.argv[2] ?? '' }) + '\\n'))
socket.on('error', () => process.exit(1))
socket.on('data', (chunk) => (answer += chunk))
socket.on('end', () => {
  if (!answer.endsWith('\\n')) process.exit(1)
  process.stdout.write(JSON.parse(answer).answer + '\\n', () => process.exit(0))
})
`

/**
 * @param options.folder for the program; only this user can enter it, and programs can be run from it
 * @param options.answer null: there is none; the client goes on without it
 */
export async function openAskpass(options: {
  folder: string
  answer: (question: AskpassQuestion) => Promise<string | null>
}): Promise<Askpass> {
  const { folder } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const [script, command] = [join(folder, 'askpass.mjs'), join(folder, 'askpass')]
  await writeFile(script, program, { mode: 0o600 })
  // The question is one word that node hands on; nothing of it is read by a shell.
  await writeFile(command, `#!/bin/sh\nexec ${quoteShell(process.execPath)} ${quoteShell(script)} "$1"\n`, {
    mode: 0o700,
  })
  // A short path: sockets have room for about 100 bytes. Only this user enters the folder.
  const room = await mkdtemp(join(tmpdir(), 'ph-ask-'))
  const path = join(room, 's')
  const secret = randomBytes(32).toString('hex')
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // the program was ended; its question goes with it
    void serve(socket, secret, options.answer)
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    environment: {
      ...process.env,
      SSH_ASKPASS: command,
      SSH_ASKPASS_REQUIRE: 'force',
      PILOTHOUSE_ASKPASS_SOCKET: path,
      PILOTHOUSE_ASKPASS_SECRET: secret,
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await rm(room, { recursive: true, force: true })
    },
  }
}

async function serve(
  socket: Socket,
  secret: string,
  answer: (question: AskpassQuestion) => Promise<string | null>,
): Promise<void> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  const asked = parseQuestion(await readLine(socket), secret)
  const given = asked && (await answer({ ...asked, signal: gone.signal }).catch(() => null))
  if (given === null) socket.destroy()
  else socket.end(`${JSON.stringify({ answer: given })}\n`)
}

/** Null when it ends before, or is too long. */
function readLine(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    socket.on('data', () => (socket.bytesRead > questionBytesMax ? socket.destroy() : undefined))
    createInterface(socket).once('line', resolve)
    socket.once('close', () => resolve(null))
  })
}

function parseQuestion(line: string | null, secret: string): Omit<AskpassQuestion, 'signal'> | null {
  const told = parseJson(line ?? '')
  if (!isQuestion(told) || told.secret.length !== secret.length) return null
  if (!timingSafeEqual(Buffer.from(told.secret), Buffer.from(secret))) return null
  const kind = told.hint === 'confirm' ? 'confirm' : told.hint === 'none' ? 'notice' : 'secret'
  return { text: told.text.replaceAll(/[^\P{C}\n\t]/gu, ''), kind }
}

type Told = { secret: string; text: string; hint?: unknown }

function isQuestion(told: unknown): told is Told {
  if (typeof told !== 'object' || told === null) return false
  return 'secret' in told && typeof told.secret === 'string' && 'text' in told && typeof told.text === 'string'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
