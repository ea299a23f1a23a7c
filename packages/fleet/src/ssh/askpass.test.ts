/** Against a real sshd and the real client: a key with a passphrase, and no agent. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { type AskpassQuestion, openAskpass } from './askpass.ts'
import { SshLink } from './ssh-link.ts'

const passphrase = `it's "open" $(now) \\ sésame`
let sshd: LabSshd
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ph'askpass "))
  sshd = await startSshd()
  execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', join(sshd.folder, 'user_key')])
})
afterAll(async () => {
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

async function open(configPath: string, answer: (question: AskpassQuestion) => Promise<string | null>) {
  const askpass = await openAskpass({ folder: join(folder, 'program'), answer })
  try {
    return await SshLink.open({ host: 'lab', configPath, askpass })
  } finally {
    await askpass.close()
  }
}
const brief = { timeoutMs: 20_000, outputBytesMax: 1000 }

it('questions are handed on until one is answered right; the connection serves others, and outlives them', async () => {
  await expect(SshLink.open({ host: 'lab', configPath: sshd.configPath })).rejects.toMatchObject({
    kind: 'authentication',
  })
  const asked: string[] = []
  const link = await open(sshd.configPath, async ({ text, kind }) => {
    asked.push(`${kind} ${text}`)
    return asked.length < 3 ? 'wrong' : passphrase
  })
  const question = `secret Enter passphrase for key '${join(sshd.folder, 'user_key')}': `
  expect(asked).toEqual([question, question, question])
  const [one, other] = [link.share(), link.share()]
  expect((await one.runAgain('echo one', brief)).output.toString()).toBe('one\n')
  await one.close()
  expect(await one.closed).toBeNull()
  expect((await other.run('echo other', brief)).toString()).toBe('other\n')
  await link.close()
  expect(await other.closed).toBeNull()
  await expect(other.run('echo other', brief)).rejects.toMatchObject({ name: 'SshError' })
  expect(statSync(join(folder, 'program')).mode & 0o777).toBe(0o700)
})

it('without an answer nobody is let in', async () => {
  await expect(open(sshd.configPath, async () => null)).rejects.toMatchObject({ kind: 'authentication' })
})

it('a question about a host key comes the same way', async () => {
  const config = join(folder, 'stranger')
  const text = readFileSync(sshd.configPath, 'utf8').replace(/UserKnownHostsFile .*/, 'UserKnownHostsFile /dev/null')
  writeFileSync(config, text.replace(/StrictHostKeyChecking .*/, 'StrictHostKeyChecking ask'))
  const asked: string[] = []
  const opening = open(config, async ({ text }) => {
    asked.push(text)
    return 'no'
  })
  await expect(opening).rejects.toMatchObject({ kind: 'hostKey' })
  expect(asked).toEqual([expect.stringContaining('(yes/no/[fingerprint])')])
})

it('who does not know the secret of the connection is not listened to', async () => {
  const asked: string[] = []
  const askpass = await openAskpass({
    folder: join(folder, 'other'),
    answer: async ({ text }) => {
      asked.push(text)
      return 'secret'
    },
  })
  const socket = connect(String(askpass.environment['PILOTHOUSE_ASKPASS_SOCKET']))
  socket.write(`${JSON.stringify({ secret: 'a'.repeat(64), text: 'Password: ' })}\n`)
  await once(socket.resume(), 'close')
  await askpass.close()
  expect(asked).toEqual([])
})
