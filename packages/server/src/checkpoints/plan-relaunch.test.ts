import { execFileSync } from 'node:child_process'
import type { Recipe } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { type RelaunchFacts, planRelaunch } from './plan-relaunch.ts'

const recipe: Recipe = { command: ['/usr/bin/python3', 'train.py', '--lr=0.1', '-v'], workingDirectory: '/home/a/run' }
const facts: RelaunchFacts = {
  job: { uid: 't7k2m9xq', state: 'completed', recipe },
  controls: { rollback: { way: 'inPlace', covers: [] } },
  checkpoint: {
    name: 'late.pt',
    state: 'present',
    stateReason: null,
    uri: '/data/late.pt',
    host: 'node-1',
    hasCopy: false,
  },
}

it('a job that has ended starts again in its folder, by its command, from the checkpoint', () => {
  expect(planRelaunch(facts)).toMatchObject({
    host: 'node-1',
    line: 'cd /home/a/run && PILOTHOUSE_JOB=t7k2m9xq PILOTHOUSE_RESTORE=/data/late.pt /usr/bin/python3 train.py --lr=0.1 -v',
    isHidden: false,
    remarks: [],
  })
})

it('what is missing and has a copy is fetched by the job, and says so', () => {
  const gone = { ...facts.checkpoint, state: 'missing', hasCopy: true } as const
  expect(planRelaunch({ ...facts, checkpoint: gone }).remarks).toEqual([expect.stringContaining('fetches the copy')])
  expect(() => planRelaunch({ ...facts, checkpoint: { ...gone, state: 'deleting' } })).toThrow('it is deleting')
})

it('a shell takes every word as it was', () => {
  const words = [
    'a b',
    "it's",
    '$HOME',
    '`id`',
    '~',
    '!x',
    'a=b',
    '--k=$(id)',
    '*',
    '',
    '-',
    'é',
    'two\nlines',
    '#no',
    '{a,b}',
  ]
  const command = ['/bin/sh', '-c', 'printf "%s\\0" "$@"', 'sh', ...words]
  const { line } = planRelaunch({ ...facts, job: { ...facts.job, recipe: { command, workingDirectory: '/tmp' } } })
  const seen = execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })
  expect(seen.split('\0').slice(0, -1)).toEqual(words)
})

it.each<[string, Partial<RelaunchFacts>, RegExp]>([
  ['it runs', { job: { ...facts.job, state: 'running' } }, /has not ended \(running\)/],
  ['its file is gone', { checkpoint: { ...facts.checkpoint, state: 'missing' } }, /«late\.pt»: it is missing/],
  ['the script reads none', { controls: { rollback: null } }, /has not said how it reads a checkpoint/],
  ['its command is not known', { job: { ...facts.job, recipe: null } }, /is not known/],
  [
    'no shell can pass it on',
    { job: { ...facts.job, recipe: { command: ['a\0b'], workingDirectory: '/' } } },
    /holds a NUL/,
  ],
])('it is refused when %s', (_, other, words) => {
  expect(() => planRelaunch({ ...facts, ...other })).toThrow(words)
})

it('what whoever runs it has to know is said', () => {
  const hidden: Recipe = { ...recipe, command: ['python', '--token', '(hidden)'], environment: { WORLD_SIZE: '8' } }
  const plan = planRelaunch({ ...facts, job: { ...facts.job, recipe: hidden } })
  expect(plan.isHidden).toBe(true)
  expect(plan.remarks).toEqual([expect.stringMatching(/kept a value to itself/), expect.stringMatching(/had 8 ranks/)])
  const odd = planRelaunch({ ...facts, job: { ...facts.job, recipe: { ...recipe, command: ['a\u202eb'] } } })
  expect(odd.remarks).toEqual(['There are characters in it that cannot be seen.'])
})
