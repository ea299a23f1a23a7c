import { expect, it } from 'vitest'
import { permissions, roleAllows, roles } from './permission.ts'

it('gives an admin everything and a reporter nothing but reporting', () => {
  expect(permissions.filter((permission) => roleAllows('admin', permission))).toEqual([...permissions])
  expect(permissions.filter((permission) => roleAllows('reporter', permission))).toEqual(['training:report'])
})

it('has a role for every permission', () => {
  for (const permission of permissions) expect(roles.some((role) => roleAllows(role, permission))).toBe(true)
})
