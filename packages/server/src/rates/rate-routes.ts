import type { Handlers } from '../http/route.ts'

export const rateHandlers: Handlers<'system.rates' | 'system.set-rates'> = {
  'system.rates': ({ resources }) => resources.storage.call('rates.get', null),
  'system.set-rates': async ({ body, resources }) => {
    const card = await resources.storage.call('rates.set', body)
    resources.budgets.noteRates()
    return card
  },
}
