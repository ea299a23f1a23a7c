import { execFileSync } from 'node:child_process'
import { servingCommands } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import { writeCommand } from './write-command.ts'

const facts = { target: 'local' as const, model: '/models/a b', name: "it's", port: 20_123 }

test('on a machine that is reached by itself or by ssh an engine listens on the loopback alone', () => {
  expect(writeCommand(servingCommands.vllm, facts)).toEqual([
    'vllm',
    'serve',
    '/models/a b',
    '--host',
    '127.0.0.1',
    '--port',
    '20123',
    '--served-model-name',
    "it's",
  ])
})

test('no command of ours has the key among its words', () => {
  for (const words of Object.values(servingCommands)) expect(words.join(' ')).not.toContain('{key}')
})

test('a placeholder in what another stands for stays as it is', () => {
  expect(writeCommand(['--model={model}'], { ...facts, model: '{key} {port}' })).toEqual(['--model={key} {port}'])
})

test('a key is put in by the shell that runs it, and nothing else of a word means anything to that shell', () => {
  const odd = `$(touch bad) "\\'; {name} \``
  const words = writeCommand(['printf', '%s\n', odd, '--key={key}', '', '{model}'], facts)
  expect(words.join(' ')).not.toContain('sk-1')
  const [program = '', ...rest] = words
  const said = execFileSync(program, rest, { env: { PILOTHOUSE_ENGINE_KEY: 'sk-1 $HOME', PATH: process.env['PATH'] } })
  expect(said.toString()).toBe(`$(touch bad) "\\'; it's \`\n--key=sk-1 $HOME\n\n/models/a b\n`)
})

test('a path below the home folder stays one, also where a shell runs the command', () => {
  const words = writeCommand(['printf', '%s %s', '{model}', '{key}'], { ...facts, model: '~/a b' })
  const env = { HOME: '/home/x', PILOTHOUSE_ENGINE_KEY: 'k', PATH: process.env['PATH'] }
  expect(execFileSync(words[0] ?? '', words.slice(1), { env }).toString()).toBe('/home/x/a b k')
})

test('on a cluster it listens where Slurm reaches its node', () => {
  const words = writeCommand(['echo', '{host}:{port}'], { ...facts, target: 'slurm' })
  const scontrol = 'scontrol() { echo "NodeName=$3 NodeAddr=10.0.0.7 Port=1"; }'
  const env = { SLURMD_NODENAME: 'gpu1', PATH: process.env['PATH'] }
  const script = `${scontrol}; ${(words[2] ?? '').replace('exec ', '')}`
  expect(execFileSync('bash', ['-c', script], { env }).toString()).toBe('10.0.0.7:20123\n')
})
