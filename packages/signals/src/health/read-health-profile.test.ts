import { expect, it } from 'vitest'
import { healthProfiles } from './health-profile.ts'
import { readHealthProfile } from './read-health-profile.ts'

it('a profile is named, or says in what it differs from one', () => {
  expect(readHealthProfile('seed')).toBe(healthProfiles.seed)
  expect(readHealthProfile({})).toEqual({ ...healthProfiles.default, name: 'default, changed' })
  expect(readHealthProfile({ base: 'seed', name: 'ours', lossFrom: 4, busyFrom: null })).toEqual({
    ...healthProfiles.seed,
    name: 'ours',
    lossFrom: 4,
    busyFrom: null,
  })
})

it.each([
  ['sed', 'There is no health profile "sed"; there are default, seed.'],
  [{ base: 'toString' }, 'There is no health profile "toString"; there are default, seed.'],
  [{ idleBelow: 5 }, 'A health profile has no field idleBelow; it has base, name, idleTo, '],
  [JSON.parse('{"__proto__": 1}'), 'A health profile has no field __proto__'],
  [{ idleTo: '5' }, 'idleTo of a health profile is a number of 0 or more, not "5".'],
  [{ hotFrom: -1 }, 'hotFrom of a health profile is a number of 0 or more, or null, not -1.'],
  [{ endIs: 'fine' }, 'endIs of a health profile is byExitCode or error, not "fine".'],
  [7, 'A health profile is the name of one, or a table of its fields.'],
])('refuses %j and says why', (configured, message) => {
  expect(() => readHealthProfile(configured)).toThrow(message)
})
