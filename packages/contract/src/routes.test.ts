import { expect, it } from 'vitest'
import { paths } from './paths.ts'
import { routes } from './routes.ts'

it('has schemas for every parameter that stands in a path', () => {
  for (const [name, { path }] of Object.entries(paths)) {
    const wanted = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter)
    const { params } = routes[name as keyof typeof routes] as { params?: { shape: Record<string, unknown> } }
    expect(Object.keys(params?.shape ?? {}), name).toEqual(wanted)
  }
})

it('never has two routes of one method and path', () => {
  const keys = Object.values(paths).map(({ method, path }) => `${method} ${path}`)
  expect(new Set(keys).size).toBe(keys.length)
})
