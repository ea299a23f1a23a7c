/**
 * `npm run pictures [-- FOLDER]`: the pictures of docs/tour.md, of real trainings in a control room of their own: two that
 * end, one that runs, one that fails, one that is stopped, one that is steered. Takes about four minutes. Needs what
 * `lab/setup` brings.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { chromiumArgs, findChromium } from '../lab/find-chromium.ts'

const pilothouse = 'packages/app/bin/pilothouse'
const training = ['python3', 'examples/charlm/train.py']
/** With PyTorch; `lab/setup` makes it. */
const torchPython = resolve('.cache/venv/bin/python')
const steered = 'steered-1'
const phone = { width: 390, height: 844 }
const desk = { width: 1440, height: 900 }

const pictures = resolve(process.argv[2] ?? 'docs/images')
const data = mkdtempSync(join(tmpdir(), 'pilothouse-pictures-'))
const environment = { ...process.env, PILOTHOUSE_DATA: data, PYTHONPATH: resolve('python/src') }
mkdirSync(pictures, { recursive: true })
const serve = spawn(pilothouse, ['serve', '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] })
const url = await readUrl(serve)
const running: ChildProcess[] = []
const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs })
try {
  await writeRules()
  await runTrainings()
  await takeAll(browser)
} finally {
  for (const child of running) child.kill('SIGINT')
  await browser.close()
  serve.kill('SIGINT')
  await once(serve, 'close')
  rmSync(data, { recursive: true })
}

async function readUrl({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('The server has no output.')
  for await (const part of stdout) {
    const found = /ready (\S+)/.exec(String(part))?.[1]
    if (found !== undefined) return found
  }
  throw new Error('The server has ended.')
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const token = readFileSync(join(data, 'admin.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

async function writeRules(): Promise<void> {
  await ask('POST', '/api/alert-rules', {
    name: 'A job fails or is lost',
    level: 'error',
    condition: { kind: 'state', states: ['failed', 'lost'] },
  })
  await ask('POST', '/api/alert-rules', {
    name: 'A loss is below 2.2',
    level: 'info',
    condition: { kind: 'threshold', key: '*loss*', is: 'below', value: 2.2 },
  })
}

async function runTrainings(): Promise<void> {
  const ends = [1, 2].map((seed) => train(`charlm seed ${seed}`, { minutes: 0.5, seed }))
  const failing = run('flash attention', ['python3', '-c', 'print("epoch 1, loss 2.41")\nimport flash_attn'])
  const stopped = run('stopped by hand', [
    'python3',
    '-c',
    'import time\nfor i in range(999):\n print(f"step {i}, loss {3 / (i + 1)}", flush=True)\n time.sleep(0.1)',
  ])
  await pause(8_000)
  stopped.kill('SIGINT')
  await Promise.all(
    [...ends, failing, stopped].map(async (child) => (child.exitCode === null ? once(child, 'close') : undefined)),
  )
  running.push(train('charlm', { minutes: 2, seed: 3 }))
  await steer()
  await pause(25_000)
}

/** A training in PyTorch that is changed, spoiled and brought back. */
async function steer(): Promise<void> {
  const script = ['examples/steered/train.py', '--steps', '6000', '--checkpoints', join(data, 'checkpoints')]
  const env = { ...environment, PILOTHOUSE_JOB: steered, OMP_NUM_THREADS: '1' }
  running.push(spawn(torchPython, script, { env, stdio: 'ignore' }))
  const tell = (method: string, path: string, body: unknown): Promise<unknown> =>
    askUntil(method, `/api/jobs/${steered}/${path}`, body)
  await tell('PUT', 'parameters/clip', { value: 0.5, note: 'Spikes in the first steps' })
  await pause(8_000)
  await tell('POST', 'checkpoints', { name: 'calm', description: 'Before the larger rate', tags: ['good'] })
  await pause(2_000)
  await tell('PUT', 'parameters/lr', { value: 0.08, note: 'Can it take more?' })
  await pause(9_000)
  const list = (await ask('GET', `/api/jobs/${steered}/checkpoints`)) as { checkpoints: { id: number; name: string }[] } // what it answers with
  const calm = list.checkpoints.find(({ name }) => name === 'calm.pt')
  await tell('PUT', `checkpoints/${calm?.id ?? 0}/rollback`, { note: 'It cannot' })
  await pause(2_000)
  const over = { steps: 1_500 }
  await tell('POST', 'schedules', { schedule: { key: 'noise', shape: { kind: 'cosine', to: 0.02, over } } })
}

/** Asks again until the job is there and can be told something. */
async function askUntil(method: string, path: string, body: unknown, left = 60): Promise<unknown> {
  try {
    return await ask(method, path, body)
  } catch (error) {
    if (left === 0) throw error
    await pause(500)
    return askUntil(method, path, body, left - 1)
  }
}

function train(name: string, { minutes, seed }: { minutes: number; seed: number }): ChildProcess {
  const [python = '', script = ''] = training
  const out = join(data, `model-${seed}.json`)
  const args = [script, '--name', name, '--minutes', String(minutes), '--seed', String(seed), '--out', out]
  return spawn(python, args, { env: environment, stdio: 'ignore' })
}

function run(name: string, command: string[]): ChildProcess {
  return spawn(pilothouse, ['run', '-q', '--name', name, '--project', 'examples', '--', ...command], {
    env: environment,
    stdio: 'ignore',
  })
}

async function takeAll(browser: Browser): Promise<void> {
  const { jobs } = (await ask('GET', '/api/jobs?limit=50')) as { jobs: { uid: string; name: string }[] } // what it answers with
  const uidOf = (name: string): string => jobs.find((job) => job.name === name)?.uid ?? ''
  const live = `/job/${uidOf('charlm')}`
  const both = [1, 2].map((seed) => `job=${uidOf(`charlm seed ${seed}`)}`).join('&')
  const light = await signIn(browser)
  const chart = '[data-chart][data-state="ready"]'
  await take(light, { name: 'job-light', path: live, wait: chart })
  await take(light, { name: 'job-phone', path: live, wait: 'main h1', size: phone })
  await take(light, { name: 'metrics', path: `${live}?tab=metrics`, wait: chart })
  await take(light, { name: 'resources', path: `${live}?tab=resources`, wait: chart })
  await take(light, { name: 'logs', path: `${live}?tab=logs`, wait: '[data-line]' })
  const steeredPage = `/job/${steered}?tab=`
  await take(light, { name: 'parameters', path: `${steeredPage}parameters`, wait: '[data-parameter]' })
  await take(light, { name: 'checkpoints', path: `${steeredPage}checkpoints`, wait: 'main table, main li' })
  await take(light, { name: 'branches', path: `${steeredPage}metrics`, wait: chart })
  await take(light, { name: 'done', path: `/job/${uidOf('charlm seed 1')}`, wait: 'main h1' })
  await take(light, { name: 'failed', path: `/job/${uidOf('flash attention')}`, wait: 'section' })
  await take(light, { name: 'list', path: '/', wait: 'article' })
  await take(light, { name: 'table', path: '/?view=table&charts=7', wait: '[role="row"], tr' })
  await take(light, { name: 'compare', path: `/compare?${both}`, wait: chart })
  await take(light, { name: 'alerts', path: '/alerts?status=all', wait: 'main li' })
  await take(light, { name: 'document', path: `/api/jobs/${uidOf('charlm seed 1')}/document`, wait: 'svg' })
}

async function signIn(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const link = (await ask('POST', '/api/access/links')) as { url: string } // what it answers with
  await page.goto(link.url)
  await page.getByRole('button', { name: /^Signed in as/ }).waitFor()
  await page.close()
  return context
}

type Picture = { name: string; path: string; wait: string; size?: typeof desk }

async function take(context: BrowserContext, { name, path, wait, size = desk }: Picture): Promise<void> {
  const page: Page = await context.newPage()
  await page.setViewportSize(size)
  await page.goto(url + path)
  await page.locator(wait).first().waitFor()
  // What is fetched later is there, and no skeleton is left.
  await pause(2_500)
  await page.screenshot({ path: join(pictures, `${name}.png`) })
  await page.close()
  console.log(`${name}.png`)
}
