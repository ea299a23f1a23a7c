/** Routes of costs and budgets, as a part of `routes.ts`. */
import { budget, budgetInput, budgetList, budgetNoticeList } from './budget.ts'
import { costHistory, costHistoryQuery, costNow, costNowQuery } from './cost.ts'
import { byId } from './route-params.ts'

export const costRoutes = {
  'costs.now': {
    summary:
      'What is spent now: the rate of what runs, and what came together today, this week, this month and in all.',
    query: costNowQuery,
    response: costNow,
  },
  'costs.history': {
    summary: 'What was spent, by hour or day and by project, member, target or kind. At most 400 parts.',
    query: costHistoryQuery,
    response: costHistory,
  },
  'budgets.list': { summary: 'All budgets, how much of each is spent, and when it will be.', response: budgetList },
  'budgets.notices': { summary: 'Thresholds of budgets that were reached, newest first.', response: budgetNoticeList },
  'budgets.create': { summary: 'Set a budget. It is looked at once.', body: budgetInput, response: budget },
  'budgets.replace': {
    summary: 'Change a budget. It is looked at once.',
    params: byId,
    body: budgetInput,
    response: budget,
  },
  'budgets.delete': { summary: 'Delete a budget with its notices.', params: byId },
}
