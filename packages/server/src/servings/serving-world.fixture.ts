/** Engines that are started from here, on a real server, for tests. */
import type { Engine, Serving, ServingStart } from '@pilothouse/contract'
import { expect, vi } from 'vitest'
import type { LaunchWorld } from '../launches/launch-world.fixture.ts'

export const patience = { timeout: 60_000, interval: 50 }
export const quickServing = { lookMs: 100 }

/**
 * Speaks as much of OpenAI's API as it takes, to whoever has its key. Words: name, host, port, and what it is to do: `fail`
 * ends at once with a word, `mute` never listens, `busy` says that it has work.
 */
const plainEngine = `
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
name, host, port, what = sys.argv[1:5]
key = os.environ["PILOTHOUSE_ENGINE_KEY"]
print("serving", name, what, flush=True)
if what == "fail":
    sys.exit("the weights are torn")
while what == "mute":
    time.sleep(0.1)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/metrics":
            return self.answer("vllm:num_requests_running %d\\n" % (what == "busy"))
        allowed = self.headers.get("Authorization") == "Bearer " + key
        body = json.dumps({"object": "list", "data": [{"id": name, "object": "model"}]} if allowed else {})
        self.answer(body, 200 if allowed else 401)
    def answer(self, text, status=200):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
print("pid", os.getpid(), flush=True)
ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
`

/** A command that starts it. */
export function writeEngine(what = 'well'): string[] {
  return ['python3', '-c', plainEngine, '{name}', '{host}', '{port}', what]
}

export class ServingWorld {
  readonly launches: LaunchWorld

  constructor(launches: LaunchWorld) {
    this.launches = launches
  }

  async start(body: Partial<ServingStart> = {}): Promise<Serving> {
    const { status, json } = await this.ask('/api/servings', 'POST', {
      name: 'plain',
      target: 'local',
      model: { path: '/models/plain' },
      kind: 'custom',
      command: writeEngine(),
      ...body,
    })
    expect([status, json]).toEqual([200, expect.anything()])
    return json as Serving // what this route answers with
  }

  async stop(id: number): Promise<Serving> {
    return (await this.ask(`/api/servings/${id}/stop`, 'POST')).json as Serving // what this route answers with
  }

  ask(path: string, method = 'GET', body?: unknown) {
    return this.launches.ask(path, { method, body })
  }

  async look(id: number): Promise<Serving> {
    const { servings } = (await this.ask('/api/servings')).json as { servings: Serving[] } // what this route answers with
    const found = servings.find((one) => one.id === id)
    if (!found) throw new Error(`There is no serving ${id}.`)
    return found
  }

  /** Resolves once it stands so. */
  until(id: number, state: Serving['state']): Promise<Serving> {
    return vi.waitFor(async () => {
      const found = await this.look(id)
      expect({ state: found.state, trouble: found.trouble }).toMatchObject({ state })
      return found
    }, patience)
  }

  async engines(): Promise<Engine[]> {
    return ((await this.ask('/api/engines')).json as { engines: Engine[] }).engines // what this route answers with
  }

  /** The process that serves, as it told in its log. */
  async pid(uid: string): Promise<number> {
    await this.launches.untilLog(uid, 'pid ')
    return Number(/pid (\d+)/.exec(await this.launches.log(uid))?.[1])
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
