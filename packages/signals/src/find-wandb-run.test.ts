import { describe, expect, it } from 'vitest'
import { findWandbRun } from './find-wandb-run.ts'

const service = 'https://api.wandb.ai'

describe('a run is found', () => {
  it.each([
    'wandb: 🚀 View run at https://wandb.ai/lab/llama/runs/a1b2c3d4',
    'wandb: 🚀 View run \u001b[33mfine-tune-7\u001b[0m at: \u001b[34m\u001b[4mhttps://wandb.ai/lab/llama/runs/a1b2c3d4\u001b[0m',
    '2026-01-01 INFO see https://www.wandb.ai/lab/llama/runs/a1b2c3d4?nw=user.',
    '[rank0]: (https://wandb.ai/lab/llama/runs/a1b2c3d4).',
  ])('in «%s»', (line) => {
    expect(findWandbRun(line)).toEqual({ baseUrl: service, entity: 'lab', project: 'llama', run: 'a1b2c3d4' })
  })

  it('on a server of one’s own, on lines that W&B writes', () => {
    const url = 'http://wandb.lab.example:8080/team/my%20project/runs/x-1.2'
    expect(findWandbRun(`wandb: View run at ${url}`)).toEqual({
      baseUrl: 'http://wandb.lab.example:8080',
      entity: 'team',
      project: 'my project',
      run: 'x-1.2',
    })
    expect(findWandbRun(`View run at ${url}`)).toBeUndefined()
    expect(findWandbRun('https://acme.wandb.io/team/p/runs/1')?.baseUrl).toBe('https://acme.wandb.io')
  })
})

it.each([
  'wandb: View project at https://wandb.ai/lab/llama',
  'saved to /data/lab/llama/runs/a1b2c3d4',
  'https://github.com/owner/repo/actions/runs/123',
  'https://other.example/lab/llama/runs/a1 then wandb',
  'wandb: https://user:secret@wandb.ai/lab/llama/runs/a1',
  'wandb: https://wandb.ai/%zz/llama/runs/a1',
  `wandb: https://wandb.ai/${'x'.repeat(400)}/llama/runs/a1`,
])('none is found in «%s»', (line) => {
  expect(findWandbRun(line)).toBeUndefined()
})
