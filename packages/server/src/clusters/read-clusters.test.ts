import { readFileSync } from 'node:fs'
import { limits } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { readClusters } from './read-clusters.ts'

const whole = `# A comment
clusters:
  - name: dgx
    host: me@login.example.org
    ssh_key_path: ~/.ssh/dgx
    ssh_config_path: /etc/pilothouse/ssh_config
    workspace: /scratch/me/jobs
    keep_code_days: 30
    allowed_partitions: [gpu, on, 2080]
    allowed_gpu_types:
      - A6000
      - A100_80GB
    gpu_aliases:
      A100_80GB: [a100, a100-sxm4-80gb]
      L40: l40s
    environment:
      modules: [cuda/12.4, gcc]
      uv: ~/train
      container: docker://nvcr.io/nvidia/pytorch:26.01-py3
  - { name: here, kind: slurm, host: local }
`

it('reads everything that there is, each value as the text that it is', () => {
  expect(readClusters(whole)).toEqual({
    hosts: [],
    faults: [],
    clusters: [
      {
        name: 'dgx',
        kind: 'slurm',
        host: 'me@login.example.org',
        ssh_key_path: '~/.ssh/dgx',
        ssh_config_path: '/etc/pilothouse/ssh_config',
        workspace: '/scratch/me/jobs',
        keep_code_days: '30',
        allowed_partitions: ['gpu', 'on', '2080'],
        allowed_gpu_types: ['A6000', 'A100_80GB'],
        gpu_aliases: { A100_80GB: ['a100', 'a100-sxm4-80gb'], L40: ['l40s'] },
        environment: {
          modules: ['cuda/12.4', 'gcc'],
          uv: '~/train',
          container: 'docker://nvcr.io/nvidia/pytorch:26.01-py3',
        },
      },
      { name: 'here', kind: 'slurm', host: 'local' },
    ],
  })
  expect(readClusters('clusters: []')).toEqual({ clusters: [], hosts: [], faults: [] })
})

it('reads the example', () => {
  const { clusters, hosts, faults } = readClusters(
    readFileSync(new URL('../../../../examples/clusters.yaml', import.meta.url), 'utf8'),
  )
  expect(faults).toEqual([])
  expect(clusters.map(({ name, host }) => [name, host])).toEqual([
    ['dgx', 'me@login.example.org'],
    ['here', 'local'],
  ])
  expect(hosts.map(({ name, host }) => [name, host])).toEqual([['box', 'me@box.example.org']])
})

/** A cluster with one more line, which stands in line 4. */
const withLine = (line: string): string => `clusters:\n  - name: dgx\n    host: dgx\n    ${line}\n`

describe('what is wrong is told with its line and column, and what to do', () => {
  it.each<[string, string, string, string]>([
    ['a tab', 'clusters:\n\t- name: a', '2:1', 'YAML wants spaces'],
    ['a bracket that stays open', 'clusters: [\n', '2:1', 'not valid YAML'],
    ['a colon too many', 'clusters:\n  - name: a: b', '2:11', 'not valid YAML'],
    ['a key twice', withLine('host: b'), '4:5', 'Remove one of them'],
    ['a second document', 'clusters: []\n---\n', '2:1', 'Remove the line «---»'],
    ['an alias to nothing', withLine('workspace: *none'), '1:1', 'An alias leads nowhere'],
    ['an empty file', '', '1:1', 'begins with «clusters:»'],
    ['a list without a head', '- name: a\n', '1:1', 'begins with «clusters:»'],
    ['no clusters', 'cluster: []', '1:1', '«cluster» is no setting. Did you mean «clusters»?'],
    ['clusters of nothing', 'clusters:\n', '1:10', '«clusters» is empty: write a list'],
    ['a cluster that is a text', 'clusters:\n  - dgx\n', '2:5', 'is «dgx»: write its settings below it'],
    [
      'a key that nobody knows',
      withLine('colour: red'),
      '4:5',
      '«colour» of the cluster «dgx» is no setting. There are',
    ],
    ['a slip of the pen', withLine('allowed_partition: [a]'), '4:5', 'Did you mean «allowed_partitions»?'],
    ['dashes for underscores', withLine('ssh-key-path: /a'), '4:5', 'Did you mean «ssh_key_path»?'],
    ['a slip further in', withLine('environment: { module: [a] }'), '4:20', 'Did you mean «modules»?'],
    ['no name', 'clusters:\n  - host: dgx\n', '2:5', '«name» of cluster 1 is missing'],
    ['no host', 'clusters:\n  - name: dgx\n', '2:5', '«host» of the cluster «dgx» is missing'],
    ['an empty host', 'clusters:\n  - name: dgx\n    host:\n', '3:10', 'is empty: write a name of ~/.ssh/config'],
    ['a name with a slash', 'clusters:\n  - name: a/b\n    host: c\n', '2:11', 'at most 64 letters, digits'],
    [
      'a host that would be an option',
      'clusters:\n  - name: a\n    host: -oProxyCommand=x\n',
      '3:11',
      'is «-oProxyCommand=x»',
    ],
    ['another kind', withLine('kind: pbs'), '4:11', 'is «pbs»: write slurm'],
    ['a path that depends on where one is', withLine('workspace: jobs'), '4:16', 'beginning with / or ~/'],
    ['a text for a list', withLine('allowed_partitions: gpu'), '4:25', 'write a list, as [one, two]'],
    ['an empty list', withLine('allowed_gpu_types: []'), '4:24', 'leave it out to allow all'],
    ['days that are none', withLine('keep_code_days: 0'), '4:21', 'a number of days'],
    ['a list for a text', withLine('workspace: [/a]'), '4:16', 'is a list: write a text'],
    ['a list in a list', withLine('allowed_partitions: [a, [b]]'), '4:29', 'is a list: write a text'],
    ['aliases as a list', withLine('gpu_aliases: [a]'), '4:18', 'write its settings below it'],
    ['an alias of nothing', withLine('gpu_aliases: { A100: }'), '4:26', 'write a name'],
    ['a GPU with two names', withLine('gpu_aliases: { A: x, B: [X] }'), '4:29', '«X» belongs to «A» already'],
    [
      'a key for a host without ssh',
      'clusters:\n  - name: a\n    host: local\n    ssh_key_path: /k\n',
      '4:19',
      'without ssh',
    ],
    ['conda and uv', withLine('environment: { conda: a, uv: /b }'), '4:34', 'either conda or uv, not both'],
    ['a line break in what becomes a script', withLine('environment: { conda: "a\\nb" }'), '4:27', 'one line of text'],
    ['two of one name', `${withLine('')}  - name: dgx\n    host: b\n`, '5:11', 'give this one another name'],
  ])('%s', (_what, text, place, words) => {
    const { clusters, faults } = readClusters(text)
    expect(clusters).toEqual([])
    const [{ line, column, message } = { line: 0, column: 0, message: '' }] = faults
    expect(message).toContain(words)
    expect(`${line}:${column}`).toBe(place)
  })

  it('all at once, from top to bottom, within a bound', () => {
    const { faults } = readClusters('clusters:\n  - name: a b\n    hots: x\n  - host: -x\n')
    expect(faults.map(({ line }) => line)).toEqual([2, 2, 3, 4, 4])
    const many = `clusters:\n${'  - { }\n'.repeat(limits.clustersMax)}`
    expect(readClusters(many).faults).toHaveLength(20)
    expect(readClusters(`clusters:\n${'  - { name: a, host: b }\n'.repeat(limits.clustersMax + 1)}`).clusters).toEqual(
      [],
    )
  })

  it('and no file makes it grow without end', () => {
    const layers = Array.from(
      { length: 12 },
      (_, at) => `a${at}: &a${at} [${`*a${at - 1}, `.repeat(at === 0 ? 0 : 10)}x]`,
    )
    const { faults } = readClusters(`${layers.join('\n')}\nclusters: []\n`)
    expect(faults[0]?.message).toContain('alias')
  })
})
