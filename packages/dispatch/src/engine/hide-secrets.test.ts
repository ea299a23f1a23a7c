import { expect, it } from 'vitest'
import { hideSecrets } from './hide-secrets.ts'

it('the key and headers that are named like secrets are taken out of a text', () => {
  const hide = hideSecrets('sk-secret', {
    'X-Api-Key': 'other-secret',
    Cookie: 'Basic third-secret',
    'x-tenant': 'research',
  })
  expect(hide('sk-secret, other-secret, third-secret, Basic third-secret of research')).toBe('…, …, …, … of research')
})

it('without secrets a text stays as it is', () => {
  const hide = hideSecrets(null, { authorization: 'x' })
  expect(hide('an example')).toBe('an example')
})
