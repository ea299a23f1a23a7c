import { launchSpec } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { emptyDraft, findField, readDraft, writeDraft } from './launch-draft.ts'

const full = {
  ...emptyDraft,
  project: 4,
  code: 'commit' as const,
  commit: 'ab'.repeat(20),
  target: 'cluster',
  command: `python3 train.py --name "it's here" --path a\\ b`,
  name: 'first',
  within: 'src',
  tags: 'a, b',
  environment: 'A=1\nexport B=x=y',
  nodes: '2',
  gpus: '4',
  gpuType: 'a100',
  cpus: '8',
  tasks: '4',
  memory: '64G',
  time: '1d12h',
  partition: 'gpu',
  account: 'team',
  directives: '#SBATCH --exclusive\n\n--nice=10',
  requeue: false,
  warn: '',
  torchrun: true,
}

it('what is written becomes a specification, and comes back as it was', () => {
  const { spec, faults } = readDraft(full)
  expect(faults).toEqual({})
  const parsed = launchSpec.parse(spec)
  expect(parsed).toMatchObject({
    command: ['python3', 'train.py', '--name', "it's here", '--path', 'a b'],
    environment: { A: '1', B: 'x=y' },
    tags: ['a', 'b'],
    resources: {
      nodes: 2,
      gpus: { type: 'a100', count: 4 },
      cpus: 8,
      tasks: 4,
      memoryMb: 65_536,
      timeLimitMinutes: 2_160,
    },
    directives: ['#SBATCH --exclusive', '--nice=10'],
    requeue: false,
    warnSeconds: null,
  })
  expect(readDraft(writeDraft(parsed)).spec).toEqual(spec)
})

it('what cannot be read is told at its field', () => {
  const { spec, faults } = readDraft({
    ...full,
    command: 'python3 "train.py',
    gpus: 'many',
    memory: 'lots',
    time: 'soon',
    environment: 'no name',
    commit: 'abc',
  })
  expect(spec).toBeUndefined()
  expect(Object.keys(faults).toSorted()).toEqual(['command', 'commit', 'environment', 'gpus', 'memory', 'time'])
  expect(readDraft(emptyDraft).faults).toEqual({ command: expect.stringContaining('python3 train.py') })
})

it('a problem of the plan leads to its field', () => {
  expect(findField('resources.gpus')).toBe('gpus')
  expect(findField('spec.resources.timeLimitMinutes')).toBe('time')
  expect(findField('environment.PILOTHOUSE_JOB')).toBe('environment')
  expect(findField('directives.2')).toBe('directives')
  expect(findField('template')).toBeUndefined()
})
