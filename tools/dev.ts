/**
 * `npm run dev`: the control room, started again whenever a source of it changes, and the page with hot reload in front
 * of it. Data lies in `.pilothouse/dev`. Ctrl-C ends both.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

const data = '.pilothouse/dev'
const app = 'packages/app/src/main.ts'
// The storage thread is watched by path: what a worker imports, --watch does not see.
const watched = ['contract', 'signals', 'series', 'server', 'app'].map((name) => `--watch-path=packages/${name}/src`)

const port = await findFreePort()
const url = `http://127.0.0.1:${port}`
const serve = ['serve', '--port', String(port), '--data', data, '--log-level', 'info', ...process.argv.slice(2)]
const server = spawn('node', [...watched, '--watch-preserve-output', app, ...serve], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const page = spawn('vite', ['--clearScreen', 'false'], {
  cwd: 'packages/web',
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, PILOTHOUSE_URL: url },
})
const children = [server, page]

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => children.forEach((child) => child.kill(signal)))
for (const child of children) child.once('exit', () => children.forEach((other) => other.kill('SIGTERM')))

const ready = readUntil(server, /pilothouse ready/)
const pageUrl = (await readUntil(page, /(https?:\/\/localhost:\d+)/))[1] ?? ''
await ready
console.log(`\n  open ${makeLink(pageUrl)}\n`)

/** Passes on what `child` prints; resolves once it has printed what matches. */
function readUntil(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      process.stdout.write(bytes)
      text = (text + bytes.toString()).slice(-4096)
      const found = pattern.exec(text.replaceAll(/\u001B\[\d+m/g, ''))
      if (found) resolve(found)
    })
  })
}

/** The server's own link, with the page's address in the place of the server's. */
function makeLink(base: string): string {
  const link = execFileSync('node', [app, 'link', '--data', data], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return link.trim().replace(url, base)
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('No free port was found.')
  return address.port
}
