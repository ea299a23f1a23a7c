/** What `index.ts` gives away of rented machines, costs and budgets, by name. */
export { instanceActions, instanceStatuses, providerKinds, rentedProviderKinds } from './instance-status.ts'
export type { InstanceAction, InstanceStatus, ProviderKind, RentedProviderKind } from './instance-status.ts'
export { instanceFacts } from './instance.ts'
export type { InstanceFacts } from './instance.ts'
export { budgetInput } from './budget.ts'
export type { Budget, BudgetInput, BudgetNotice, BudgetStop, BudgetValues } from './budget.ts'
export { budgetActions, budgetPeriods, budgetScopes } from './budget-words.ts'
export type { BudgetAction, BudgetPeriod, BudgetScope } from './budget-words.ts'
export { costHistoryQuery, costNowQuery } from './cost.ts'
export type { CostAmounts, CostGroup, CostHistory, CostHistoryQuery, CostNow } from './cost.ts'
export type { CostGrouping } from './cost-words.ts'
export type {
  InstanceActionOrder,
  InstanceDay,
  InstanceDetail,
  InstancePatch,
  InstanceRent,
  ProviderAccount,
  ProviderAccountCreate,
  ProviderTrouble,
  RentalOffer,
  RentedInstance,
} from './rented.ts'
