/** What hosts ask at their door, by real PAM: passwords and codes of an authenticator app. Nothing is stored: one database will do. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { type LabSshd, showCode, startSshd } from '../../../../lab/start-sshd.ts'
import { Connections } from './connections.ts'

const folder = mkdtempSync(join(tmpdir(), 'ph-prompts-'))
const patience = { timeout: 30_000, interval: 20 }
afterAll(() => rmSync(folder, { recursive: true }))

type Door = {
  sshd: LabSshd
  all: Connections
  connect(): void
  state(): string
  /** Waits for the question of this number, and gives its words and whether it was asked before. */
  asked(id: number): Promise<[string, boolean]>
  answer(id: number, answer: string): void
  failed(): Promise<ReturnType<Connections['describe']>['trouble']>
}

async function openDoor(args: readonly string[], askingMs = 60_000): Promise<Door> {
  const sshd = await startSshd({ args })
  const all = new Connections({ folder: join(folder, 'program'), now: () => Date.now(), askingMs })
  onTestFinished(async () => {
    await all.close()
    await sshd.stop()
  })
  const state = () => all.describe('box').state
  return {
    sshd,
    all,
    state,
    connect: () => all.begin('box', { host: 'lab', configPath: sshd.configPath }, () => undefined),
    async asked(id) {
      await expect.poll(() => all.describe('box').question?.id, patience).toBe(id)
      const { text = '', kind, isRepeated = false } = all.describe('box').question ?? {}
      expect(kind).toBe('secret')
      return [text, isRepeated]
    },
    answer: (id, answer) => all.answer('box', { id, answer }),
    async failed() {
      await expect.poll(state, patience).toBe('failed')
      expect(all.describe('box')).toMatchObject({ question: null, until: null })
      return all.describe('box').trouble
    },
  }
}
const readPassword = ({ sshd }: Door) => readFileSync(join(sshd.folder, 'password'), 'utf8')
const wrongCode = ({ sshd }: Door) => String((Number(showCode(sshd.folder)) + 500_000) % 1_000_000).padStart(6, '0')

it('a password is asked anew until it is right, and serves what comes after', async () => {
  const door = await openDoor(['--ask', 'password'])
  door.connect()
  expect(await door.asked(1)).toEqual([expect.stringMatching(/@127\.0\.0\.1's password: $/), false])
  door.answer(1, 'wrong')
  expect(await door.asked(2)).toEqual([expect.stringContaining('password'), true])
  door.answer(2, readPassword(door))
  await expect.poll(door.state, patience).toBe('connected')
  const link = door.all.use('box', { host: 'lab', configPath: door.sshd.configPath })
  if (typeof link === 'string') throw new Error(link)
  expect((await link.run('echo in', { timeoutMs: 20_000, outputBytesMax: 100 })).toString()).toBe('in\n')
})

it('wrong to the end: it says that the answers were not taken, and can be tried again', async () => {
  const door = await openDoor(['--ask', 'password'])
  door.connect()
  for (const id of [1, 2, 3]) {
    await door.asked(id)
    door.answer(id, 'wrong')
  }
  expect(await door.failed()).toEqual({
    kind: 'authentication',
    message: 'box did not take what was answered.',
    hint: expect.stringContaining('Connect again'),
  })
  door.connect()
  expect(await door.asked(1)).toEqual([expect.stringContaining('password'), false])
  door.answer(1, readPassword(door))
  await expect.poll(door.state, patience).toBe('connected')
})

it('a password and a code are asked one after the other; where one was wrong, both are asked again', async () => {
  const door = await openDoor(['--ask', 'password,code'])
  door.connect()
  const password = expect.stringMatching(/\) Password: $/)
  const code = expect.stringMatching(/\) Verification code: $/)
  expect(await door.asked(1)).toEqual([password, false])
  door.answer(1, readPassword(door))
  expect(await door.asked(2)).toEqual([code, false])
  door.answer(2, wrongCode(door))
  expect(await door.asked(3)).toEqual([password, true])
  door.answer(3, 'wrong')
  expect(await door.asked(4)).toEqual([code, true])
  door.answer(4, showCode(door.sshd.folder))
  expect(await door.asked(5)).toEqual([password, true])
  door.answer(5, readPassword(door))
  expect(await door.asked(6)).toEqual([code, true])
  door.answer(6, showCode(door.sshd.folder))
  await expect.poll(door.state, patience).toBe('connected')
})

it('a code is asked after the key', async () => {
  const door = await openDoor(['--ask', 'key,code'])
  door.connect()
  expect(await door.asked(1)).toEqual([expect.stringContaining('Verification code'), false])
  door.answer(1, showCode(door.sshd.folder))
  await expect.poll(door.state, patience).toBe('connected')
})

it('without an answer it is given up in time, and an answer that comes later finds nobody', async () => {
  const door = await openDoor(['--ask', 'password'], 3_000)
  door.connect()
  await door.asked(1)
  expect(await door.failed()).toMatchObject({
    kind: 'slow',
    message: 'What box asks was not answered in time.',
    hint: 'Connect again and answer sooner.',
  })
  expect(() => door.answer(1, readPassword(door))).toThrow('ssh does not ask this any more.')
})

it('a host that waits no longer says so once the answer comes', async () => {
  const door = await openDoor(['--ask', 'password', '--grace', '2'])
  door.connect()
  await door.asked(1)
  // The host has hung up, and the client has not noticed: CLOSE_WAIT.
  const port = door.sshd.port.toString(16).toUpperCase().padStart(4, '0')
  await expect.poll(() => readFileSync('/proc/net/tcp', 'utf8'), patience).toMatch(new RegExp(`:${port} 08 `))
  door.answer(1, readPassword(door))
  expect(await door.failed()).toMatchObject({ kind: 'closed', message: 'box ended the login before it was through.' })
})
