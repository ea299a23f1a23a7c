import { expect, it } from 'vitest'
import { CommandError } from '../exit-code.ts'
import { readTopOptions } from './read-top-options.ts'

it('reads what the command line of the old monitor said', () => {
  expect(readTopOptions(['--instances', '30007012,30007267', '--interval', '5', '--mock'])).toMatchObject({
    settings: { instances: ['30007012', '30007267'], interval: 5, mock: true },
    once: false,
  })
  expect(readTopOptions(['--all', '--read-only', '--theme=light', '--profile', 'seed']).settings).toMatchObject({
    all: true,
    readOnly: true,
    theme: 'light',
    profile: { name: 'seed' },
  })
})

it('reads which control room is meant, by either name', () => {
  expect(readTopOptions(['--server', 'http://x', '--token-file', 't'])).toMatchObject({
    server: { url: 'http://x' },
    settings: { tokenFile: 't' },
  })
  expect(readTopOptions(['--url', 'http://x', '--data', 'd']).server).toEqual({ url: 'http://x', data: 'd' })
})

it.each([
  [['--intervall', '5'], "Unknown option '--intervall'."],
  [['--interval', 'often'], '--interval: seconds from 1 to 3600 are wanted, not «often».'],
  [['--interval'], "Option '--interval <value>' argument missing."],
  [['--instances', '1;rm'], '--instances: ids of machines are wanted'],
  [['--provider', 'aws'], '--provider: vast or runpod is wanted, not «aws».'],
  [['--theme', 'pink'], '--theme: auto, dark, light, mono are there, not «pink».'],
  [['--profile', 'mine'], '--profile: There is no health profile "mine"; there are default, seed.'],
  [['--log-pattern', '(?=a)'], '--log-pattern: The log pattern'],
  [['--json'], '--json goes with --once.'],
  [['30007012'], 'Unexpected argument'],
])('refuses %j and says what is allowed', (args, message) => {
  expect(() => readTopOptions(args)).toThrow(message)
  expect(() => readTopOptions(args)).toThrow(CommandError)
})
