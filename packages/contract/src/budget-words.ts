export const budgetScopes = ['all', 'project', 'member', 'target', 'job'] as const
export type BudgetScope = (typeof budgetScopes)[number]
export const budgetPeriods = ['day', 'week', 'month', 'total'] as const
export type BudgetPeriod = (typeof budgetPeriods)[number]
/** What happens at 100 %: somebody is told, or what costs within its scope is told to stop as well. */
export const budgetActions = ['tell', 'stop'] as const
export type BudgetAction = (typeof budgetActions)[number]
