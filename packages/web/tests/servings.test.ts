/** Engines that are started by the page: real processes of this machine, with a plain one in place of a model. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

const engine = `
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"object": "list", "data": [{"id": sys.argv[1], "object": "model"}]}).encode()
        allowed = self.headers.get("Authorization") == "Bearer " + os.environ["PILOTHOUSE_ENGINE_KEY"]
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
if sys.argv[1] == "torn":
    sys.exit("the weights are torn")
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
`

let visits: Visits
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-servings-'))
  writeFileSync(join(folder, 'engine.py'), engine)
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  rmSync(folder, { recursive: true })
})

const started = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Started from here' }).getByRole('listitem').filter({ hasText: name })

async function fill(page: Page, name: string): Promise<void> {
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Name of the engine').fill(name)
  await sheet.getByRole('combobox', { name: /^Engine/ }).selectOption('custom')
  await sheet.getByRole('textbox', { name: 'Command' }).fill(`python3 ${join(folder, 'engine.py')} {name} {port}`)
}

test('a model is served by the page, is an engine when it answers, and is stopped there', async () => {
  const page = await visits.openPage('/engines')
  await page.getByRole('button', { name: 'Serve a model' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Start engine' }).click()
  await sheet
    .getByRole('alert')
    .getByText(/Give it a name/)
    .waitFor()
  expect(await findFaults(page, 'serving a model')).toEqual([])
  await sheet.getByLabel('Model', { exact: true }).fill('/models/plain')
  await fill(page, 'plain')
  await sheet.getByRole('button', { name: 'Start engine' }).click()
  await sheet.waitFor({ state: 'detached' })
  await started(page, 'plain').getByText('ready', { exact: true }).waitFor()
  const card = page.getByRole('list', { name: 'Engines', exact: true }).getByRole('listitem')
  await card.getByText('Started from here.').waitFor()
  await card.getByText('healthy').waitFor()
  expect(await card.getByRole('button', { name: 'Forget plain' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Stop plain' }).click()
  await started(page, 'plain').getByText('stopped', { exact: true }).waitFor()
  await card.waitFor({ state: 'detached' })
})

test('a checkpoint leads to the form that serves it, and what became of that to its log', async () => {
  const job = await Steerable.start(visits.world, 'serve-1')
  await job.train(5)
  await job.write('best')
  const page = await visits.openPage('/job/serve-1?tab=checkpoints')
  await page.getByRole('link', { name: 'Serve … best' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByText('The checkpoint best').waitFor()
  expect(await sheet.getByLabel('Name of the engine').inputValue()).toBe('best')
  await fill(page, 'torn')
  await sheet.getByRole('button', { name: 'Start engine' }).click()
  // Its files are on a machine that is none of ours.
  await sheet
    .getByRole('alert')
    .getByText(/cannot be served/)
    .waitFor()
  await page.goto(`${visits.world.url}/engines?serve=model`)
  await sheet.getByLabel('Model', { exact: true }).fill('/models/torn')
  await fill(page, 'torn')
  await sheet.getByRole('button', { name: 'Start engine' }).click()
  await started(page, 'torn').getByText('the weights are torn').waitFor()
  await started(page, 'torn').getByRole('link', { name: 'Log' }).click()
  await page.getByText('the weights are torn').first().waitFor()
})

test.each(mainLooks)('what was started stands well at $width px', async (look) => {
  const page = await visits.openPage('/engines', look)
  await started(page, 'torn').getByText('failed', { exact: true }).waitFor()
  expect(await findFaults(page, 'engines that were started')).toEqual([])
})

test('who may not launch sees how they stand, and starts none', async () => {
  const page = await visits.openPageAs('member', '/engines?serve=model')
  await started(page, 'torn').waitFor()
  expect(await page.getByRole('button', { name: 'Serve a model' }).count()).toBe(0)
  expect(await page.getByRole('dialog').count()).toBe(0)
})
