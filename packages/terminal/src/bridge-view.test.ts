import { expect, it } from 'vitest'
import { type BridgeReady, listBridgeSettings, viewBridge } from './bridge-view.ts'
import { createPaint } from './paint.ts'

const paint = createPaint({ enabled: false })
const ready: BridgeReady = {
  host: 'gpu7',
  port: 40123,
  refusal: null,
  mailboxes: ['/home/me/.pilothouse/mailbox', '/scratch/box'],
  tokenPath: '/home/me/.pilothouse/report.token',
}

it('what to set is a forwarded port with its token, and the first mailbox for when it breaks', () => {
  expect(listBridgeSettings(ready)).toEqual([
    'export PILOTHOUSE_URL=http://127.0.0.1:40123',
    'export PILOTHOUSE_TOKEN_FILE=/home/me/.pilothouse/report.token',
    'export PILOTHOUSE_MAILBOX=/home/me/.pilothouse/mailbox',
  ])
  expect(viewBridge(ready, paint)[0]).toContain(
    'port 40123 there leads here; /home/me/.pilothouse/mailbox, /scratch/box is',
  )
})

it('without a port it is the mailbox alone, with the reason', () => {
  const refused = { ...ready, port: null, refusal: 'gpu7 does not open a forwarded port.' }
  expect(listBridgeSettings(refused)).toEqual(['export PILOTHOUSE_MAILBOX=/home/me/.pilothouse/mailbox'])
  expect(viewBridge(refused, paint).join('\n')).toContain('so reports come by the mailbox. gpu7 does not open')
})

it('a token that is missing there is pointed out', () => {
  expect(viewBridge({ ...ready, tokenPath: null }, paint).join('\n')).toContain('--install-token')
})

it('a path is quoted for the shell that reads it', () => {
  expect(listBridgeSettings({ ...ready, port: null, mailboxes: ["/my box/it's"] })).toEqual([
    String.raw`export PILOTHOUSE_MAILBOX='/my box/it'\''s'`,
  ])
})
