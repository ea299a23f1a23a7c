import { expect, it } from 'vitest'
import { makeLookup, refuseAddress, refuseLiteral } from './address-rules.ts'

const own = [
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '::1',
  '::',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
]
const mapped = [
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fd12:3456::1',
]
const other = ['100.64.0.1', '224.0.0.1', '255.255.255.255', 'ff02::1', '198.18.0.1']
const linkLocal = ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254']
const open = ['1.1.1.1', '8.8.8.8', '172.32.0.1', '192.167.255.255', '2606:4700::1111']

it.each([...own, ...mapped, ...other])('%s takes the word of whoever runs the server', (address) => {
  expect(refuseAddress(address, false)).toMatch('--allow-private-channels')
  expect(refuseAddress(address, true)).toBeUndefined()
})

it.each(linkLocal)('%s is never spoken to', (address) => {
  expect(refuseAddress(address, false)).toBeDefined()
  expect(refuseAddress(address, true)).toMatch('link-local')
})

it.each(open)('%s is spoken to', (address) => {
  expect(refuseAddress(address, false)).toBeUndefined()
})

it.each(['http://0x7f.1/', 'http://2130706433/', 'http://[::1]/', 'http://127.1/', 'http://[::ffff:7f00:1]/'])(
  '%s is seen through',
  (url) => {
    expect(refuseLiteral(new URL(url).hostname, false)).toBeDefined()
  },
)

it('a name is judged by what it leads to', async () => {
  const look = (allowPrivate: boolean) =>
    new Promise((resolve) => {
      makeLookup(allowPrivate)('localhost', {}, (error, address) => resolve(error?.message ?? address))
    })
  expect(await look(false)).toMatch('--allow-private-channels')
  expect(await look(true)).toMatch(/^(127\.0\.0\.1|::1)$/)
})
