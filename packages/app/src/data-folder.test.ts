import { expect, it } from 'vitest'
import { findDataFolder, findDemoFolder } from './data-folder.ts'

const linux = { environment: {}, platform: 'linux', home: '/home/me' } as const

it.each([
  ['on Linux below .local/share', linux, '/home/me/.local/share/pilothouse'],
  [
    'on macOS in Application Support',
    { ...linux, platform: 'darwin' },
    '/home/me/Library/Application Support/pilothouse',
  ],
  ['where XDG_DATA_HOME says', { ...linux, environment: { XDG_DATA_HOME: '/data' } }, '/data/pilothouse'],
  [
    'where PILOTHOUSE_DATA says',
    { ...linux, environment: { PILOTHOUSE_DATA: '/mine', XDG_DATA_HOME: '/data' } },
    '/mine',
  ],
] as const)('the data lies %s', (_where, place, folder) => {
  expect(findDataFolder(place)).toBe(folder)
})

it('the demonstration has a folder of its own, whatever PILOTHOUSE_DATA says', () => {
  expect(findDemoFolder({ ...linux, environment: { PILOTHOUSE_DATA: '/mine' } })).toBe(
    '/home/me/.local/share/pilothouse-demo',
  )
})
