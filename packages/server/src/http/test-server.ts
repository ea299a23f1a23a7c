/** A real server on a free port with a data folder of its own, for tests. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Role, type TokenCreate, roles } from '@pilothouse/contract'
import { type ServerConfig, readConfig } from '../config.ts'
import { makeTestDatabase } from '../storage/test-database.ts'
import { type Clock, type RunningServer, createServer } from '../create-server.ts'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; json: unknown }
export type Question = {
  method?: string
  headers?: Record<string, string>
  token?: string | undefined
  /** An object is sent as JSON. */
  body?: unknown
}

export type TestServer = {
  server: RunningServer
  /** Secrets of a token of each role. */
  tokens: Record<Role, string>
  ask(path: string, question?: Question): Promise<Answer>
  makeToken(token: TokenCreate): Promise<{ id: number; secret: string }>
  /** The code of a new one-time link. */
  makeCode(): string
  readDataFile(name: string): Promise<string>
  close(): Promise<void>
}

const sdkFolder = fileURLToPath(new URL('../../../../python', import.meta.url))

export async function startTestServer(settings: Partial<ServerConfig> = {}, clock: Clock = {}): Promise<TestServer> {
  const dataFolder = settings.dataFolder ?? (await mkdtemp(join(tmpdir(), 'pilothouse-test-')))
  const database = settings.dataFolder === undefined ? await makeTestDatabase() : undefined
  const databaseUrl = database?.url ?? null
  const environment = {
    PILOTHOUSE_DATA: dataFolder,
    PILOTHOUSE_SDK: sdkFolder,
    PILOTHOUSE_PORT: '0',
    PILOTHOUSE_LOG_LEVEL: 'silent',
  }
  const server = await createServer({ ...readConfig(environment, '0.0.0-test'), databaseUrl, ...settings }, clock)
  const admin = (await readFile(join(dataFolder, 'admin.token'), 'utf8')).trim()
  const ask = (path: string, question?: Question) => askServer(server.port, path, question)
  const makeToken = async (token: TokenCreate) =>
    (await ask('/api/access/tokens', { method: 'POST', token: admin, body: token })).json as {
      id: number
      secret: string
    } // what this route answers with
  const made = await Promise.all(
    roles.map(async (role) => [role, (await makeToken({ name: role, role })).secret] as const),
  )
  return {
    server,
    tokens: Object.fromEntries(made) as Record<Role, string>, // one entry for each of roles
    ask,
    makeToken,
    makeCode: () => server.link().split('code=')[1] ?? '',
    readDataFile: (name) => readFile(join(dataFolder, name), 'utf8'),
    close: async () => {
      await server.close()
      await database?.remove()
      if (settings.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

/** One request over a connection of its own, with exactly these headers. */
export async function askServer(port: number, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, token, body } = question
  const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body))
  const all = {
    ...(bytes ? { 'content-type': 'application/json', 'content-length': String(bytes.length) } : {}),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers: all, agent: false }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (part: string) => (text += part))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: parseJson(text) }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // not every answer is JSON
  }
}
