import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { AlertRule, AlertScope } from '@pilothouse/contract'
import { describeCondition, formatCount } from '@pilothouse/signals'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { AlertSign } from './alert-sign.tsx'
import { RuleSheet } from './rule-sheet.tsx'
import { ruleTemplates, type RuleTemplate } from './rule-templates.ts'
import { tell, toInput, useAlertRights, useAlertRules, useRuleChanges } from './use-alerts.ts'
import { useChannels } from './use-channels.ts'

const route = getRouteApi('/frame/alerts')

/** When somebody is told. */
export function RulesTab() {
  const { rule: opened, job } = route.useSearch()
  const navigate = useNavigate({ from: '/alerts' })
  const rules = useAlertRules()
  const { mayManage } = useAlertRights()
  const list = rules.data?.rules
  const editing = list?.find(({ id }) => String(id) === opened)
  const open = (rule: string | undefined): void =>
    void navigate({ search: { tab: 'rules', ...(rule === undefined ? {} : { rule }) } })
  if (!list) {
    return rules.error ? (
      <ErrorNotice error={rules.error} onRetry={() => void rules.refetch()} />
    ) : (
      <div className="waits h-48 rounded-lg bg-hover" aria-busy="true" />
    )
  }
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-muted">
          A rule raises an alert once for each job and series, and resolves it when it is over. It looks at what is
          reported from then on.
        </p>
        {mayManage ? (
          <Button look="primary" onClick={() => open('new')}>
            <Plus size={14} aria-hidden /> New rule
          </Button>
        ) : null}
      </div>
      {list.length > 0 ? (
        <ul aria-label="Rules" className="overflow-hidden rounded-lg border border-line bg-surface">
          {list.map((rule) => (
            <RuleItem key={rule.id} rule={rule} onEdit={() => open(String(rule.id))} />
          ))}
        </ul>
      ) : null}
      {mayManage ? (
        <Templates taken={list} />
      ) : list.length === 0 ? (
        <p className="text-muted">No rule is written yet.</p>
      ) : null}
      {opened === 'new' || editing ? (
        <RuleSheet key={opened} rule={editing} job={job} onClose={() => open(undefined)} />
      ) : null}
    </>
  )
}

function RuleItem({ rule, onEdit }: { rule: AlertRule; onEdit: () => void }) {
  const { replace, remove } = useRuleChanges()
  const { mayChange } = useAlertRights()
  const isMine = mayChange(rule)
  const turn = (enabled: boolean): void =>
    replace.mutate({ id: rule.id, body: { ...toInput(rule), enabled } }, { onError: tell })
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0">
      <span className="pt-0.5">
        <AlertSign level={rule.level} isQuiet={!rule.enabled} />
      </span>
      <div className={`min-w-0 flex-1 basis-56 ${rule.enabled ? '' : 'text-muted'}`}>
        <p className="font-medium wrap-anywhere">{rule.name}</p>
        <p className="wrap-anywhere text-muted">when {describeCondition(rule.condition)}</p>
        <Dotted className="text-12 text-faint">
          <Dot>{describeScope(rule.scope)}</Dot>
          <Dot>
            <ChannelNames ids={rule.channels} />
          </Dot>
          <Dot>{rule.owner.name}</Dot>
          {rule.open > 0 ? (
            <Dot>
              <Link to="/alerts" search={{ rule: String(rule.id) }} className="text-accent underline">
                {formatCount(rule.open)} open
              </Link>
            </Dot>
          ) : null}
        </Dotted>
      </div>
      <div className="flex shrink-0 items-center gap-1 max-sm:ml-7">
        <label className="touchable flex items-center gap-1.5 px-1 text-12 text-muted">
          <input
            type="checkbox"
            checked={rule.enabled}
            disabled={!isMine || replace.isPending}
            onChange={(event) => turn(event.target.checked)}
            className="size-4 accent-(--accent)"
            aria-label={`${rule.name} is on`}
          />
          on
        </label>
        {isMine ? (
          <>
            <Button look="quiet" square aria-label={`Change ${rule.name}`} title="Change" onClick={onEdit}>
              <Pencil size={14} aria-hidden />
            </Button>
            <Button
              look="quiet"
              square
              aria-label={`Delete ${rule.name}`}
              title="Delete"
              onClick={() => remove.mutate(rule)}
            >
              <Trash2 size={14} aria-hidden />
            </Button>
          </>
        ) : null}
      </div>
    </li>
  )
}

function ChannelNames({ ids }: { ids: readonly number[] }) {
  const channels = useChannels().data?.channels
  if (ids.length === 0) return 'in the page only'
  if (!channels) return ids.length === 1 ? 'one channel' : `${ids.length} channels`
  return ids.map((id) => channels.find((one) => one.id === id)?.name ?? `channel ${id}`).join(', ')
}

function describeScope(scope: AlertScope): string {
  switch (scope.kind) {
    case 'all':
      return 'all jobs'
    case 'project':
      return `project ${scope.project}`
    case 'job':
      return `job ${scope.job}`
    default:
      return scope satisfies never
  }
}

/** What most people want and nobody has written yet. */
function Templates({ taken }: { taken: readonly AlertRule[] }) {
  const { create } = useRuleChanges()
  const left = ruleTemplates.filter(({ name }) => !taken.some((rule) => rule.name === name))
  if (left.length === 0) return null
  const add = (rules: readonly RuleTemplate[]): void => rules.forEach((rule) => create.mutate(rule, { onError: tell }))
  return (
    <section aria-labelledby="templates-title" className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <h2 id="templates-title" className="text-12 text-muted">
          {taken.length === 0 ? 'No rule is written yet. Most people begin with these' : 'More to choose from'}
        </h2>
        {taken.length === 0 ? (
          <Button disabled={create.isPending} onClick={() => add(left.slice(0, 4))}>
            Add the first four
          </Button>
        ) : null}
      </div>
      <ul className="grid gap-2 sm:grid-cols-2" aria-label="Rules to choose from">
        {left.map((rule) => (
          <li key={rule.name} className="flex items-start gap-2 rounded-lg border border-line px-3 py-2">
            <span className="pt-0.5">
              <AlertSign level={rule.level} isQuiet />
            </span>
            <div className="min-w-0 flex-1">
              <p className="font-medium">{rule.name}</p>
              <p className="text-12 text-muted">when {describeCondition(rule.condition)}</p>
            </div>
            <Button
              look="quiet"
              square
              aria-label={`Add: ${rule.name}`}
              title="Add"
              disabled={create.isPending}
              onClick={() => add([rule])}
            >
              <Plus size={14} aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
