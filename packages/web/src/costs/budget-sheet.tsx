import { useState } from 'react'
import type { Budget, BudgetValues } from '@pilothouse/contract'
import { budgetPeriods, budgetScopes } from '@pilothouse/contract/wire'
import { useChannels } from '../alerts/use-channels.ts'
import { isCurrencyCode } from '../system/rate-words.ts'
import { Button } from '../ui/button.tsx'
import { CheckField, CheckList, ChoiceField, NumberField, TextField } from '../ui/fields.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { periodNames, scopeNames } from './budget-words.ts'
import { readOffset, useBudgetChanges } from './use-costs.ts'

type SheetProps = { budget: Budget | undefined; currency: string; onClose: () => void }
type Draft = Omit<BudgetValues, 'thresholds' | 'subject'> & { thresholds: string; subject: string }

/** A budget to set or to change. */
export function BudgetSheet({ budget, currency, onClose }: SheetProps) {
  const [draft, setDraft] = useState(() => toDraft(budget, currency))
  const { save, remove } = useBudgetChanges()
  const channels = useChannels()
  const put = (part: Partial<Draft>): void => setDraft({ ...draft, ...part })
  const thresholds = readThresholds(draft.thresholds)
  const isComplete =
    draft.name.trim() !== '' &&
    draft.amount > 0 &&
    isCurrencyCode(draft.currency) &&
    thresholds !== undefined &&
    (draft.scope === 'all' || draft.subject.trim() !== '')
  const submit = (): void => {
    if (!isComplete || save.isPending) return
    const subject = draft.scope === 'all' ? null : draft.subject.trim()
    save.mutate({ id: budget?.id ?? null, body: { ...draft, subject, thresholds } }, { onSuccess: onClose })
  }
  const error = save.error ?? remove.error
  return (
    <Sheet
      open
      onClose={onClose}
      title={budget ? `Budget ${budget.name}` : 'New budget'}
      footer={
        <div className="flex flex-wrap items-center justify-end gap-2">
          {error ? (
            <p role="alert" className="basis-full wrap-anywhere text-bad">
              {error.message}
            </p>
          ) : null}
          {budget ? (
            <Button
              look="danger"
              className="mr-auto"
              disabled={remove.isPending}
              onClick={() => remove.mutate(budget, { onSuccess: onClose })}
            >
              Delete
            </Button>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || save.isPending} onClick={submit}>
            Save
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-4 sm:px-6"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <TextField label="Name" value={draft.name} onChange={(name) => put({ name })} autoFocus />
        <div className="grid grid-cols-2 gap-3">
          <NumberField label="Amount" min={0} value={draft.amount} onChange={(amount) => put({ amount })} />
          <TextField
            label="Currency"
            value={draft.currency}
            onChange={(code) => put({ currency: code.toUpperCase() })}
          />
          <ChoiceField
            label="Spent on"
            value={draft.scope}
            choices={budgetScopes.map((scope) => [scope, scopeNames[scope]] as const)}
            onChange={(scope) => put({ scope })}
          />
          <ChoiceField
            label="Period"
            value={draft.period}
            choices={budgetPeriods.map((period) => [period, periodNames[period]] as const)}
            onChange={(period) => put({ period })}
          />
        </div>
        {draft.scope === 'all' ? null : (
          <TextField
            label={draft.scope === 'job' ? 'Uid of the job' : `Name of the ${draft.scope}`}
            value={draft.subject}
            onChange={(subject) => put({ subject })}
          />
        )}
        <TextField
          label="Tell at, % of the amount"
          value={draft.thresholds}
          hint="Numbers with spaces between them. Each is told once in a period."
          fault={thresholds === undefined ? 'Whole numbers from 1 to 1000, at most ten.' : undefined}
          onChange={(text) => put({ thresholds: text })}
        />
        <ChoiceField
          label="At 100 %"
          value={draft.action}
          choices={[
            ['tell', 'Tell it, nothing else'],
            ['stop', 'Tell it, and stop the jobs within it'],
          ]}
          onChange={(action) => put({ action })}
        />
        {draft.action === 'stop' ? (
          <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">
            Launched jobs are cancelled; others are told to stop, with a checkpoint first, if their script can. Until
            the period ends or the amount is raised, jobs within it are stopped and none can be launched.
          </p>
        ) : null}
        <CheckList
          label="Channels that are told"
          values={draft.channels}
          choices={(channels.data?.channels ?? []).map(({ id, name }) => [id, name] as const)}
          onChange={(chosen) => put({ channels: chosen })}
          empty={<p className="text-12 text-faint">There are none yet; they are added on the page Alerts.</p>}
        />
        <CheckField label="On" isOn={draft.enabled} onChange={(enabled) => put({ enabled })} />
        <button type="submit" className="hidden" aria-hidden tabIndex={-1} />
      </form>
    </Sheet>
  )
}

function toDraft(budget: Budget | undefined, currency: string): Draft {
  return {
    name: budget?.name ?? '',
    scope: budget?.scope ?? 'all',
    subject: budget?.subject ?? '',
    amount: budget?.amount ?? NaN,
    currency: budget?.currency ?? currency,
    period: budget?.period ?? 'month',
    offsetMinutes: budget?.offsetMinutes ?? readOffset(),
    thresholds: (budget?.thresholds ?? [50, 80, 100]).join(' '),
    action: budget?.action ?? 'tell',
    channels: budget?.channels ?? [],
    enabled: budget?.enabled ?? true,
  }
}

/** undefined: they are none. */
function readThresholds(text: string): number[] | undefined {
  const all = text.split(/[\s,;%]+/).flatMap((word) => (word === '' ? [] : [Number(word)]))
  const areFine = all.every((one) => Number.isInteger(one) && one >= 1 && one <= 1_000)
  return all.length >= 1 && all.length <= 10 && areFine ? all : undefined
}
