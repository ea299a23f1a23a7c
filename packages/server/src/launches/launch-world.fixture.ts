/** Launches on a real server, for tests. */
import type { Job, Launch, Launched, LaunchPlan, LaunchSpecInput, Project } from '@pilothouse/contract'
import { expect, vi } from 'vitest'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import type { Clock } from '../create-server.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'

/** Waits for what real processes do. */
const patience = { timeout: 60_000, interval: 50 }
/** As quick as tests want it. */
export const quickTimes = { shellMs: 100, slurmMs: 500, logMs: 100, retryMs: 200, retryMaxMs: 1_000, idleMs: 2_000 }

/** Reports by the SDK that the launch brings along; with `--wait` it goes on until somebody changes its rate. */
export const training = `
import os, sys, time
import pilothouse

job = pilothouse.init(config={"words": sys.argv[1:]}, total_steps=5)
rate = job.parameter("lr", 0.1)
for step in range(1, 6):
    print(f"step {step} in {os.path.basename(os.getcwd())}", flush=True)
    pilothouse.log({"loss": 1 / step}, step=step)
while "--wait" in sys.argv and rate() == 0.1:
    job.control(5)
    time.sleep(0.05)
print("rate", rate(), "gpus", os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
`

export class LaunchWorld {
  readonly yard: GitYard
  readonly test: TestServer

  private constructor(yard: GitYard, test: TestServer) {
    this.yard = yard
    this.test = test
  }

  static async open(settings: Parameters<typeof startTestServer>[0] = {}, clock: Clock = {}): Promise<LaunchWorld> {
    const yard = openGitYard()
    const environment = { ...yard.environment, PATH: process.env['PATH'] ?? '' }
    const test = await startTestServer(
      { projectRoots: [yard.root], gitEnvironment: environment, jobEnvironment: environment, ...settings },
      { deskTimes: quickTimes, ...clock },
    )
    return new LaunchWorld(yard, test)
  }

  async close(): Promise<void> {
    await this.test.close()
    this.yard.close()
  }

  /** A repository with these files, as a project. */
  async addProject(name: string, files: Readonly<Record<string, string>>): Promise<Project & { id: number }> {
    const place = this.yard.makeRepository(name)
    for (const [path, text] of Object.entries(files)) this.yard.write(`${name}/${path}`, text)
    this.yard.git(place, 'add', '-A')
    this.yard.git(place, 'commit', '--quiet', '--message=all of it')
    const { status, json } = await this.ask('/api/projects', { method: 'POST', body: { place } })
    expect([status, json]).toEqual([200, expect.anything()])
    return json as Project & { id: number } // what this route answers with
  }

  ask(path: string, { token = this.test.tokens.admin, ...question }: Parameters<TestServer['ask']>[1] = {}) {
    return this.test.ask(path, { token, ...question })
  }

  async plan(spec: LaunchSpecInput, dryRun = false): Promise<LaunchPlan> {
    const { status, json } = await this.ask('/api/launches/plan', { method: 'POST', body: { spec, dryRun } })
    expect([status, json]).toEqual([200, expect.anything()])
    return json as LaunchPlan // what this route answers with
  }

  async launch(spec: LaunchSpecInput, more: object = {}): Promise<Launched> {
    const { status, json } = await this.ask('/api/launches', { method: 'POST', body: { spec, ...more } })
    expect([status, json]).toEqual([200, expect.anything()])
    return json as Launched // what this route answers with
  }

  /** Launches one, and gives its uid. */
  async launchOne(spec: LaunchSpecInput, more: object = {}): Promise<string> {
    const { jobs } = await this.launch(spec, more)
    expect(jobs).toHaveLength(1)
    return jobs[0]?.uid ?? ''
  }

  async look(uid: string): Promise<Launch> {
    return (await this.ask(`/api/jobs/${uid}/launch`)).json as Launch // what this route answers with
  }

  async job(uid: string): Promise<Job> {
    return (await this.ask(`/api/jobs/${uid}`)).json as Job // what this route answers with
  }

  async log(uid: string): Promise<string> {
    return (await this.ask(`/api/jobs/${uid}/logs/text`)).text
  }

  order(uid: string, order: string, token?: string) {
    return this.ask(`/api/jobs/${uid}/launch/${order}`, { method: 'POST', ...(token === undefined ? {} : { token }) })
  }

  /** Resolves with the job once it is in this state. */
  async until(uid: string, state: Job['state']): Promise<Job> {
    return vi.waitFor(async () => {
      const job = await this.job(uid)
      expect({ state: job.state, error: job.error?.message ?? null, reason: job.stateReason }).toMatchObject({ state })
      return job
    }, patience)
  }

  async untilOver(uid: string): Promise<Launch> {
    return vi.waitFor(async () => {
      const launch = await this.look(uid)
      expect(launch.state).not.toBe('following')
      expect(launch.state).not.toBe('preparing')
      return launch
    }, patience)
  }

  async untilLog(uid: string, text: string): Promise<void> {
    await vi.waitFor(async () => expect(await this.log(uid)).toContain(text), patience)
  }
}
