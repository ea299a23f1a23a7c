import { limits } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { pointsOf, toJson } from '../storage/test-storage.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

const numbers = new Map<string, number>()
const hostile = `</style><script>alert(1)</script>"><img src=x onerror=alert(1)>'`

async function put(uid: string, body: object = {}): Promise<void> {
  const { status, text } = await test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.admin, body })
  expect({ status, text }).toMatchObject({ status: 200 })
}

async function report(uid: string, parts: object): Promise<void> {
  const number = (numbers.get(uid) ?? 0) + 1
  numbers.set(uid, number)
  const envelope = { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: Date.now() }
  const body = JSON.parse(new TextDecoder().decode(toJson({ ...envelope, ...parts }))) as object // our own JSON
  const answer = await test.ask(`/api/jobs/${uid}/reports`, { method: 'POST', token: test.tokens.admin, body })
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
}

async function read(path: string) {
  const { status, text, headers } = await test.ask(path, { token: test.tokens.viewer })
  expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' })
  return { text, headers }
}

/** Tags, with whatever stands in them, without text. */
const tagsOf = (text: string): string[] => text.replace(/<style>[^]*?<\/style>/, '').match(/<[a-z!/][^>]*>/gi) ?? []

describe('the document of a job', () => {
  it('holds who it is, how it went, and what it was made of', async () => {
    await put('doc-whole', {
      name: 'first light',
      model: 'tiny',
      dataset: 'books',
      tags: ['blue'],
      notes: 'With **care**.',
      config: { lr: 3e-4, optimizer: { name: 'adamw' } },
      recipe: { command: ['python', 'train.py'], python: '3.12.4', packages: { torch: '2.9.0' } },
      stages: ['Prepare', 'Training'],
    })
    await report('doc-whole', { stages: [{ name: 'Prepare', state: 'active', at: Date.now() }] })
    await report('doc-whole', {
      points: [pointsOf({ loss: [3, 2, Number.NaN, 1], 'val/loss': [3.5, 2.5, 1.8, 1.5] })],
      stages: [{ name: 'Training', state: 'active', at: Date.now() }],
    })
    await report('doc-whole', { state: { state: 'completed', at: Date.now() } })
    await test.ask('/api/jobs/doc-whole/notes', {
      method: 'POST',
      token: test.tokens.member,
      body: { text: 'It is *good*.' },
    })
    const { text, headers } = await read('/api/jobs/doc-whole/document')
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-disposition']).toBe('inline; filename="doc-whole.html"')
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*sandbox/)
    for (const words of ['first light', 'tiny', 'books', 'blue', '<strong>care</strong>', 'optimizer.name', 'adamw'])
      expect(text).toContain(words)
    for (const words of ['python train.py', '3.12.4', 'torch', 'Prepare', '<em>good</em>', 'validation', 'completed'])
      expect(text).toContain(words)
    expect(text).toContain('stroke-dasharray="5 3"')
    expect(text).toContain('class="nan"')
    expect(text).toMatch(/by [^<]+, with pilothouse 0\.0\.0-test/)
  })

  it('is a download when that is asked for', async () => {
    const { headers } = await read('/api/jobs/doc-whole/document?download=true')
    expect(headers['content-disposition']).toBe('attachment; filename="doc-whole.html"')
  })

  it('of one that failed says why, with the lines of the log that tell', async () => {
    await put('doc-failed')
    await report('doc-failed', {
      logs: [
        {
          stream: 'stderr',
          times: [1, 2],
          lines: [
            'step 1',
            'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.2 GiB is free.',
          ],
        },
      ],
    })
    const error = {
      type: 'OutOfMemoryError',
      message:
        'CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.2 GiB is free.',
      traceback: 'Traceback:\n  line 3',
    }
    await report('doc-failed', { state: { state: 'failed', at: Date.now(), error } })
    const { text } = await read('/api/jobs/doc-failed/document')
    for (const words of [
      'Why it failed',
      'OutOfMemoryError: CUDA',
      'The GPU ran out of memory',
      'In the log',
      'line 3',
    ])
      expect(text).toContain(words)
  })

  it('of a job that has only been made is short, and of none is a clear error', async () => {
    await put('doc-bare', { name: 'bare' })
    const { text } = await read('/api/jobs/doc-bare/document')
    expect(text).toContain('<h1>bare</h1>')
    expect(text).not.toContain('undefined')
    const { status, json } = await test.ask('/api/jobs/no-such/document', { token: test.tokens.viewer })
    expect({ status, json }).toMatchObject({ status: 404, json: { error: { code: 'notFound' } } })
  })

  it('lets nothing through that a job says of itself', async () => {
    await put('doc-hostile', makeHostileJob())
    await report('doc-hostile', {
      points: [
        pointsOf({ [hostile]: [1, 2], [`val/${hostile}`]: [1, 2] }),
        pointsOf({ 'cpu.utilization': [1, 2] }, { source: `host:${hostile}` }),
      ],
      logs: [{ stream: 'stdout', times: [1], lines: [hostile] }],
      stages: [{ name: hostile, state: 'active', at: Date.now() }],
      artifacts: [{ name: hostile, kind: 'model', uri: hostile, host: hostile, at: 1 }],
    })
    await report('doc-hostile', {
      state: { state: 'failed', at: Date.now(), error: { type: hostile, message: hostile, traceback: hostile } },
    })
    for (const text of [hostile, `![${hostile}](javascript:alert(1))`, `[x](javascript:alert(1))`])
      await test.ask('/api/jobs/doc-hostile/notes', { method: 'POST', token: test.tokens.admin, body: { text } })
    await put('doc-hostile-2', { ...makeHostileJob(), config: { [hostile]: 'other' } })
    const one = await read('/api/jobs/doc-hostile/document')
    const two = await read('/api/compare/document?job=doc-hostile&job=doc-hostile-2')
    for (const { text } of [one, two]) {
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
      expect(
        tagsOf(text).filter((tag) => /^<\/?(script|img|iframe|object|embed|link|base|form|input)\b/i.test(tag)),
      ).toEqual([])
      expect(tagsOf(text).filter((tag) => /\son\w+\s*=/i.test(tag.replaceAll(/"[^"]*"/g, '""')))).toEqual([])
      expect(text).not.toMatch(/(?:href|src)="\s*(?:javascript|data):/i)
      expect(text.match(/<style>/g)?.length).toBe(1)
    }
  })

  it('stays within bounds, of a job with thousands of metrics and settings', async () => {
    const config = Object.fromEntries(Array.from({ length: 25_000 }, (_, at) => [`k${at}`, at]))
    await put('doc-large', { config })
    const many = Array.from({ length: 2_000 }, (_, at): [string, number[]] => [`metric_${at}`, [at, at + 1, at + 2]])
    await report('doc-large', { points: [pointsOf(Object.fromEntries(many))] })
    await test.ask('/api/jobs/doc-large/notes', {
      method: 'POST',
      token: test.tokens.admin,
      body: { text: '*a '.repeat(limits.noteLengthMax / 3 - 1) },
    })
    const { text } = await read('/api/jobs/doc-large/document')
    expect(text.length).toBeLessThan(2_000_000)
    expect(text.match(/<figure/g)?.length).toBe(24)
    expect(text).toContain('and 1976 more charts are not drawn')
    expect(text).toContain('and 1700 more metrics')
    expect(text).toContain('more values')
  })
})

describe('the document of a comparison', () => {
  it('holds the jobs, their curves, and where they differ', async () => {
    for (const [uid, lr] of [
      ['pair-one', 0.1],
      ['pair-two', 0.2],
    ] as const) {
      await put(uid, { name: `lr ${lr}`, config: { lr, seed: 7 } })
      await report(uid, { points: [pointsOf({ loss: [3, 2, lr] })] })
    }
    const { text, headers } = await read('/api/compare/document?job=pair-one&job=pair-two&download=true')
    expect(headers['content-disposition']).toBe('attachment; filename="comparison-of-2-jobs.html"')
    for (const words of ['Comparison of 2 jobs', 'lr 0.1', 'lr 0.2', 'Settings that differ', 'loss, best'])
      expect(text).toContain(words)
    expect(text).not.toContain('>seed<')
    expect(text.match(/class="line s[12]"/g)?.length).toBeGreaterThan(4)
  })

  it('has a line for each job where there are many', async () => {
    const uids = Array.from({ length: 12 }, (_, at) => `many-${at}-jobs`)
    for (const [at, uid] of uids.entries()) {
      await put(uid, { name: `number ${at}`, config: { lr: at } })
      await report(uid, { points: [pointsOf({ loss: [3, at] })] })
    }
    const { text } = await read(`/api/compare/document?${uids.map((uid) => `job=${uid}`).join('&')}`)
    const settings = text.slice(text.indexOf('id="settings"'), text.indexOf('id="results"'))
    expect(settings.match(/<tr>/g)?.length).toBe(13)
  })

  it('names the jobs that are not there', async () => {
    const { status, json } = await test.ask('/api/compare/document?job=pair-one&job=gone', {
      token: test.tokens.viewer,
    })
    expect({ status, json }).toMatchObject({ status: 404, json: { error: { message: 'There is no job «gone».' } } })
  })
})

function makeHostileJob() {
  const fields = ['name', 'project', 'model', 'modelType', 'dataset', 'target', 'group', 'jobType']
  return {
    ...Object.fromEntries(fields.map((field) => [field, hostile])),
    tags: [hostile],
    notes: hostile,
    config: { [hostile]: hostile, nested: { [hostile]: [hostile] } },
    summary: { [hostile]: hostile },
    recipe: {
      command: [hostile],
      workingDirectory: hostile,
      python: hostile,
      environment: { [hostile]: hostile },
      packages: { [hostile]: hostile },
      git: { commit: hostile, branch: hostile, remote: hostile },
    },
    hardware: { host: hostile, system: hostile, gpus: [{ index: 0, name: hostile }] },
    stages: [hostile],
  }
}
