import { useState, type ReactNode } from 'react'
import type { Checkpoint, CheckpointPolicy, Job, PolicyAnswer } from '@pilothouse/contract'
import { checkpointKinds, isEnded } from '@pilothouse/contract/wire'
import { chooseGoal } from '@pilothouse/signals'
import { useSteeringRights } from '../commands/use-steering.ts'
import { Entry, Pick } from '../schedules/form-fields.tsx'
import { Button } from '../ui/button.tsx'
import { CheckField, CheckList } from '../ui/fields.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { listMetricKeys } from './list-checkpoints.ts'
import {
  beginPolicyDraft,
  describePolicy,
  readPolicyDraft,
  type PolicyDraft,
  type PolicyFaults,
} from './policy-draft.ts'
import { PolicyOutcome } from './policy-outcome.tsx'
import { usePolicy, useSavePolicy, useTriedPolicy } from './use-policy.ts'

type RulesProps = { job: Job; all: readonly Checkpoint[]; onClose: () => void }

const title = 'Which checkpoints stay'

/** The rules by which checkpoints stay, and what they do; whoever may changes them. */
export function RulesSheet(props: RulesProps) {
  const { job, onClose } = props
  const rights = useSteeringRights(job)
  const found = usePolicy(job.uid)
  const words = describePolicy(found.data?.policy ?? null)
  if (found.data && rights.deleteCheckpoint) return <RulesForm {...props} answer={found.data} />
  return (
    <Sheet open title={title} onClose={onClose}>
      <div className="flex flex-col gap-4 px-4 py-3 sm:px-6 sm:py-4">
        {found.data ? (
          <>
            <p>{words === null ? 'There are no rules: all stay.' : `By the rules ${words}.`}</p>
            <Meaning job={job} />
            <p className="text-muted">
              To change the rules takes the right to lead this job: admins have it, and give it.
            </p>
            <PolicyOutcome answer={found.data} isTried={false} />
          </>
        ) : found.error ? (
          <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <div className="waits h-64 rounded-lg bg-hover" aria-busy="true" />
        )}
      </div>
    </Sheet>
  )
}

function Meaning({ job }: { job: Job }) {
  return (
    <p className="text-muted">
      What any rule keeps stays; so do pinned ones and the youngest.{' '}
      {isEnded(job.state)
        ? 'The job has ended, so there will be no new ones: rules are followed once, when they are set.'
        : 'Rules are followed when they are set, and with each new checkpoint.'}{' '}
      What goes can be brought back for ten minutes; pin it then, or it goes again with the next one.
    </p>
  )
}

/** Rules that somebody changes, and those that stood when they began. */
type Edited = { seen: CheckpointPolicy | null; draft: PolicyDraft }

function RulesForm({ job, all, answer, onClose }: RulesProps & { answer: PolicyAnswer }) {
  const keys = listMetricKeys(all, job)
  const [edited, setEdited] = useState<Edited>()
  const begin = (policy: CheckpointPolicy | null): PolicyDraft =>
    beginPolicyDraft(policy, { metric: keys[0] ?? '', goal: goalOf(job, keys[0] ?? '') })
  const draft = edited?.draft ?? begin(answer.policy)
  const seen = edited ? edited.seen : answer.policy
  const { policy, faults } = readPolicyDraft(draft)
  const tried = useTriedPolicy(job.uid, policy)
  const save = useSavePolicy(job.uid, onClose)
  const isOvertaken = !isSame(seen, answer.policy)
  const isReady =
    policy !== undefined && !isSame(policy, seen) && !isOvertaken && tried.isSuccess && !tried.isPlaceholderData
  const going = tried.data?.decisions.filter(({ keep }) => !keep).length ?? 0
  const enter = (part: Partial<PolicyDraft>): void => {
    save.reset()
    setEdited({ seen, draft: { ...draft, ...part } })
  }
  const send = (): void => {
    if (isReady && !save.isPending) save.mutate({ policy, seen })
  }
  return (
    <Sheet
      open
      title={title}
      onClose={onClose}
      footer={
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={isReady && going > 0 ? 'danger' : 'primary'}
            disabled={!isReady || save.isPending}
            onClick={send}
          >
            {isReady && going > 0 ? `Set the rules, delete ${going}` : 'Set the rules'}
          </Button>
        </div>
      }
    >
      <form
        className="flex flex-col gap-4 px-4 py-3 sm:px-6 sm:py-4"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <Meaning job={job} />
        <Fields draft={draft} faults={faults} keys={keys} job={job} onEnter={enter} />
        {isOvertaken ? (
          <Overtaken
            policy={answer.policy}
            onTheirs={() => setEdited(undefined)}
            onMine={() => setEdited({ seen: answer.policy, draft })}
          />
        ) : null}
        {save.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {save.error.message}
          </p>
        ) : null}
        {policy === undefined ? (
          <p className="rounded-lg border border-line px-3 py-2.5 text-muted">
            What the rules would do stands here as soon as the fields say what they are.
          </p>
        ) : tried.error ? (
          <p role="alert" className="wrap-anywhere text-bad">
            {tried.error.message}
          </p>
        ) : tried.data ? (
          <PolicyOutcome answer={tried.data} isTried={!isSame(policy, answer.policy)} isOld={tried.isPlaceholderData} />
        ) : (
          <div className="waits h-40 rounded-lg bg-hover" aria-busy="true" />
        )}
        <button type="submit" className="hidden" tabIndex={-1} aria-hidden />
      </form>
    </Sheet>
  )
}

type FieldsProps = {
  draft: PolicyDraft
  faults: PolicyFaults
  keys: readonly string[]
  job: Job
  onEnter: (part: Partial<PolicyDraft>) => void
}

const goals = [
  ['minimize', 'lower is better'],
  ['maximize', 'higher is better'],
] as const

function Fields({ draft, faults, keys, job, onEnter }: FieldsProps) {
  const { hasLast, hasBest, hasEvery, metric, goal } = draft
  const metrics = keys.includes(metric) || metric === '' ? keys : [metric, ...keys]
  return (
    <div className="flex flex-col gap-3">
      <Rule label="The youngest" isOn={hasLast} onChange={(isOn) => onEnter({ hasLast: isOn })}>
        <Entry label="How many" value={draft.last} onChange={(last) => onEnter({ last })} fault={faults.last} />
      </Rule>
      <Rule label="The best by a metric" isOn={hasBest} onChange={(isOn) => onEnter({ hasBest: isOn })}>
        <Entry label="How many" value={draft.best} onChange={(best) => onEnter({ best })} fault={faults.best} />
        <Pick
          label="Metric"
          value={metric}
          choices={metrics.map((key) => [key, key] as const)}
          onChange={(key) => onEnter({ metric: key, goal: goalOf(job, key) })}
          fault={faults.metric}
        />
        <Pick label="Which way" value={goal} choices={goals} onChange={(next) => onEnter({ goal: next })} />
      </Rule>
      <Rule
        label="One every so many steps, on each branch"
        isOn={hasEvery}
        onChange={(isOn) => onEnter({ hasEvery: isOn })}
      >
        <Entry label="Steps" value={draft.every} onChange={(every) => onEnter({ every })} fault={faults.every} />
      </Rule>
      {hasLast || hasBest || hasEvery ? (
        <div className="flex flex-col gap-1">
          <CheckList
            label="Only these kinds ever go"
            values={draft.kinds}
            choices={checkpointKinds.map((kind) => [kind, kind] as const)}
            onChange={(kinds) => onEnter({ kinds })}
          />
          {faults.kinds === undefined ? null : (
            <p role="alert" className="text-12 text-bad">
              {faults.kinds}
            </p>
          )}
        </div>
      ) : null}
    </div>
  )
}

type RuleProps = { label: string; isOn: boolean; onChange: (isOn: boolean) => void; children: ReactNode }

/** A rule that holds or not; what it says is asked only when it does. */
function Rule({ label, isOn, onChange, children }: RuleProps) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="sr-only">{label}</legend>
      <CheckField label={label} isOn={isOn} onChange={onChange} />
      {isOn ? <div className="flex flex-wrap gap-3 pl-6">{children}</div> : null}
    </fieldset>
  )
}

type OvertakenProps = { policy: CheckpointPolicy | null; onTheirs: () => void; onMine: () => void }

/** Two people at once: whoever comes second sees what the first has set. */
function Overtaken({ policy, onTheirs, onMine }: OvertakenProps) {
  const words = describePolicy(policy)
  return (
    <div role="alert" className="flex flex-col gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
      <p className="wrap-anywhere">
        Somebody has set other rules meanwhile: {words === null ? 'there are none now, all stay' : words}.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={onTheirs}>Take theirs</Button>
        <Button onClick={onMine}>Go on with mine</Button>
      </div>
    </div>
  )
}

function goalOf({ metrics }: Job, key: string): 'minimize' | 'maximize' {
  return chooseGoal(metrics, key) === 'higher' ? 'maximize' : 'minimize'
}

/** Both are written in the same order of their parts. */
function isSame(one: CheckpointPolicy | null, other: CheckpointPolicy | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
