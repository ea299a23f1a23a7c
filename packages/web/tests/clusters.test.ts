/** The pages of clusters over a real Slurm on this machine, and over one that nobody answers for. */
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../lab/start-slurm.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
let slurm: LabSlurm
let file: string
const run = promisify(execFile)

beforeAll(async () => {
  slurm = await startSlurm()
  vi.stubEnv('SLURM_CONF', slurm.configPath)
  await run('scontrol', ['update', 'nodename=r1', 'state=drain', 'reason=a fan is loud'])
  visits = await startVisits()
  file = join(visits.world.server.dataFolder, 'clusters.yaml')
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await slurm.stop()
  vi.unstubAllEnvs()
})

const name = (...clusters: object[]): void => writeFileSync(file, JSON.stringify({ clusters })) // JSON is YAML
const here = { name: 'here', host: 'local', gpu_aliases: { A100_80GB: ['a100'] } }
const away = { name: 'away', host: 'ssh://nobody@127.0.0.1:1' }

test('without clusters the page shows the file to write, and fills when it is there', async () => {
  rmSync(file, { force: true })
  const page = await visits.openPage('/')
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Clusters' }).click()
  await page.getByRole('heading', { name: 'No clusters yet' }).waitFor()
  await page.getByText(file).waitFor()
  expect(await findFaults(page, 'no clusters')).toEqual([])
  name(here)
  await page.getByRole('link', { name: 'here' }).waitFor()
  const viewer = await visits.openPageAs('viewer', '/clusters')
  await viewer.getByRole('link', { name: 'here' }).waitFor()
  expect(await viewer.getByText(file).count()).toBe(0)
})

test('a cluster answers where a job could start, and the address keeps the question', async () => {
  name(here)
  const page = await visits.openPage('/clusters/here')
  const panel = page.getByRole('region', { name: 'Where can I start?' })
  await panel.getByText('1 GPU can start now').waitFor()
  await panel.getByLabel('GPUs').fill('8')
  await panel.getByLabel('Type').selectOption('A100_80GB')
  await panel.getByLabel('Time').fill('8h')
  await panel.getByText('8 × A100_80GB for 8 h can start now in «gpu».').waitFor()
  await page.waitForURL(/\/clusters\/here\?gpus=8&type=A100_80GB&for=8h$/)
  await panel.getByLabel('Time').fill('3d')
  await panel.getByText('cannot start here').waitFor()
  await panel.getByRole('region', { name: 'Never' }).getByText('Jobs there run for at most 2 d').first().waitFor()
  await page.reload()
  await panel.getByText('8 × A100_80GB for 3 d').waitFor()
  expect(await panel.getByLabel('GPUs').inputValue()).toBe('8')
})

test('types, partitions and nodes are told, what is broken with its reason; an admin tests the way', async () => {
  name(here)
  const page = await visits.openPage('/clusters/here')
  const table = page.getByRole('region', { name: 'GPUs', exact: true })
  await table.getByRole('row', { name: /^A100_80GB 8 of 8/ }).waitFor()
  await page.getByRole('link', { name: 'Partitions' }).click()
  await table.getByRole('row', { name: /^gpu A100_80GB · default 8 of 8/ }).waitFor()
  await page.getByRole('link', { name: 'Nodes' }).click()
  await page.waitForURL(/by=node/)
  await table.getByRole('row', { name: /^r1 .*a fan is loud/ }).waitFor()
  await page.getByRole('button', { name: 'Test the connection' }).click()
  const steps = page.getByRole('dialog').getByRole('list', { name: 'Steps' })
  await steps.getByText(/answers to «.*»: 4 nodes in 2 partitions/).waitFor()
  expect(await findFaults(page, 'test of the connection')).toEqual([])
  const viewer = await visits.openPageAs('viewer', '/clusters/here')
  await viewer.getByRole('region', { name: 'GPUs', exact: true }).waitFor()
  expect(await viewer.getByRole('button', { name: 'Test the connection' }).count()).toBe(0)
})

test('what does not answer is unknown, with the reason; mistakes of the file stand with their lines', async () => {
  name(here, away)
  const page = await visits.openPage('/clusters')
  const card = page.getByRole('article').filter({ hasText: 'away' })
  await card.getByText('no ssh server answers').waitFor()
  writeFileSync(file, 'clusters:\n  - name: here\n    hots: local\n')
  await page.getByText('Did you mean «host»?').waitFor()
  await page.getByText('line 3, column 5').waitFor()
  await card.waitFor()
  expect(await findFaults(page, 'broken file')).toEqual([])
  await card.getByRole('link').click()
  await page.getByRole('alert').getByText('Nothing is known of this cluster yet.').waitFor()
  await page.goto(`${visits.world.url}/clusters/nowhere`)
  await page.getByText('There is no cluster nowhere.').waitFor()
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    name(here, away)
    const page = await visits.openPage('/clusters', look)
    await page.getByRole('list', { name: 'GPUs of here' }).waitFor()
    await page.getByText('no ssh server answers').waitFor()
    expect(await findFaults(page, 'clusters')).toEqual([])
    await page.goto(`${visits.world.url}/clusters/here?gpus=2&type=rtx4090&by=node`)
    await page.getByText('cannot start now').waitFor()
    await page.getByText('a fan is loud').filter({ visible: true }).waitFor()
    expect(await findFaults(page, 'cluster')).toEqual([])
    await page.goto(`${visits.world.url}/clusters/away`)
    await page.getByRole('alert').waitFor()
    expect(await findFaults(page, 'unknown cluster')).toEqual([])
  },
  120_000,
)
