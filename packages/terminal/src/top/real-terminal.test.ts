import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const program = fileURLToPath(new URL('./real-screen.fixture.ts', import.meta.url))
let socket = ''
let begun = 0

function tmux(...words: string[]): string {
  return execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' })
}

/** What the window shows, with what was typed into the shell. */
function capture(): string {
  return tmux('capture-pane', '-p')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

beforeEach(() => {
  begun += 1
  socket = `pilothouse-${process.pid}-${begun}`
  tmux('new-session', '-d', '-x', '80', '-y', '24', 'env PS1=here: bash --norc --noprofile -i')
})

afterEach(() => {
  tmux('kill-server')
})

it('in tmux it shows the machines, follows a resize, stops and goes on, and leaves the shell as it was', async () => {
  tmux('send-keys', `${process.execPath} ${program}`, 'Enter')
  await expect.poll(capture).toContain('30007270')
  expect(capture()).toContain('14:03:22')
  tmux('resize-window', '-x', '40', '-y', '15')
  await expect.poll(capture).toMatch(/ID {7}HEALTH {4}PROG/)
  tmux('resize-window', '-x', '80', '-y', '24')
  tmux('send-keys', 'C-z')
  await expect.poll(capture).toContain('Stopped')
  tmux('send-keys', 'fg', 'Enter')
  await expect.poll(capture).toContain('30007270')
  tmux('send-keys', 'j', 'Enter')
  await expect.poll(capture).toContain('speech-base (30007267)')
  tmux('send-keys', 'q')
  await expect.poll(capture).not.toContain('speech-base')
  tmux('send-keys', 'echo code=$?', 'Enter')
  await expect.poll(capture).toContain('code=0')
  expect(tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim()).toBe('0 1 1')
})

it('when its window is closed it ends, and leaves no process behind', async () => {
  tmux('send-keys', `exec ${process.execPath} ${program}`, 'Enter')
  await expect.poll(capture).toContain('30007270')
  const pid = Number(tmux('display-message', '-p', '#{pane_pid}'))
  tmux('new-window', 'sleep 60')
  tmux('kill-window', '-t', ':0')
  await expect.poll(() => isAlive(pid)).toBe(false)
})

it('a storm of resizes while it draws ends in a whole screen of the last size', async () => {
  tmux('send-keys', `${process.execPath} ${program} busy`, 'Enter')
  await expect.poll(capture).toContain('30007270')
  for (let at = 0; at < 40; at += 1)
    tmux('resize-window', '-x', String(10 + ((at * 37) % 110)), '-y', String(3 + (at % 37)))
  tmux('resize-window', '-x', '80', '-y', '24')
  await expect.poll(() => capture().split('\n').at(0)).toMatch(/^pilothouse .* 14:03:22$/)
  await expect.poll(() => capture().trimEnd().split('\n').at(-1)).toBe('✓ An epoch is complete.')
  expect(capture().trimEnd().split('\n')).toHaveLength(24)
  tmux('send-keys', 'q')
  await expect.poll(capture).not.toContain('30007270')
})

it('a crash in tmux leaves the shell as it was, with the message to read', async () => {
  tmux('send-keys', `${process.execPath} ${program} crash; echo code=$?`, 'Enter')
  await expect.poll(capture).toContain('code=1')
  expect(capture()).toContain('a crash that nobody caught')
  expect(tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim()).toBe('0 1 1')
})

it('into a pipe that closes it writes lines, and ends without a word', async () => {
  const screen = spawn(process.execPath, [program, 'busy'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  screen.stderr.on('data', (bytes) => (errors += String(bytes)))
  const [first] = await once(screen.stdout, 'data')
  expect(String(first)).toContain('vision-large (30007012): running, ok')
  screen.stdout.destroy()
  const [code] = await once(screen, 'exit')
  expect([code, errors]).toEqual([0, ''])
})
