import { lazy, Suspense, useState } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { Checkpoint, CheckpointList, Command, Job } from '@pilothouse/contract'
import { isEnded, limits } from '@pilothouse/contract/wire'
import { formatBytes, formatCount } from '@pilothouse/signals'
import { Save } from 'lucide-react'
import { useServerNow } from '../app/services.ts'
import { CommandSign } from '../commands/command-sign.tsx'
import { describeOrder, describeProgress, nameGiver } from '../commands/describe-command.ts'
import { useSteeringRights, type Steering } from '../commands/use-steering.ts'
import { useChangeSearch } from '../job/use-chart-view.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { AdviceCard } from './advice-card.tsx'
import { BranchTree } from './branch-tree.tsx'
import { CheckpointTable } from './checkpoint-table.tsx'
import { listMetricKeys, searchCheckpoints, sortCheckpoints, type CheckpointSort } from './list-checkpoints.ts'
import { describePolicy } from './policy-draft.ts'
import { useCheckpointActions, useCheckpoints, type CheckpointActions } from './use-checkpoints.ts'
import { usePolicy } from './use-policy.ts'

const CheckpointSheet = lazy(async () => ({ default: (await import('./checkpoint-sheet.tsx')).CheckpointSheet }))
const RulesSheet = lazy(async () => ({ default: (await import('./rules-sheet.tsx')).RulesSheet }))
const CompareSheet = lazy(async () => ({ default: (await import('./compare-sheet.tsx')).CompareSheet }))

const route = getRouteApi('/frame/job/$uid')

/** Metrics with a column of their own. */
const columnsMax = 3
const newestFirst: CheckpointSort = { by: 'time', isDown: true }

type TabProps = { job: Job; steering: Steering; onTold: () => void; onCreate: () => void }

/** Where the job was written down, how good it was then, and the ways back. */
export function CheckpointsTab(props: TabProps) {
  const found = useCheckpoints(props.job.uid)
  if (found.data) return <Checkpoints {...props} list={found.data} />
  if (found.error) return <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
  return (
    <div className="waits px-4 py-3 sm:px-6 sm:py-4" aria-busy="true">
      <div className="h-64 rounded-lg bg-hover" />
    </div>
  )
}

function Checkpoints({ list, ...props }: TabProps & { list: CheckpointList }) {
  const { job, steering } = props
  const { branch } = route.useSearch()
  const actions = useCheckpointActions(job.uid)
  const now = useServerNow(1_000)
  const waiting = steering.waiting.filter(({ kind }) => kind === 'checkpoint' || kind === 'rollback')
  const isEmpty = list.checkpoints.length === 0
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      <AdviceCard job={job} list={list} steering={steering} actions={actions} onCreate={props.onCreate} />
      <Bar {...props} list={list} />
      {waiting.length > 0 ? (
        <ul aria-label="Asked for" className="rounded-lg border border-line bg-surface">
          {waiting.map((command) => (
            <WaitingItem key={command.id} command={command} now={now} />
          ))}
        </ul>
      ) : null}
      {isEmpty ? <NoCheckpoints job={job} /> : <Listed {...props} list={list} now={now} />}
      <BranchTree job={job} steering={steering} now={now} shown={branch === undefined ? job.branch : Number(branch)} />
      <Opened job={job} list={list} steering={steering} actions={actions} now={now} />
    </div>
  )
}

/** How many there are, and how one more is made. */
function Bar({ job, steering, onTold, onCreate, list }: TabProps & { list: CheckpointList }) {
  const rights = useSteeringRights(job)
  const change = useChangeSearch()
  const rules = describePolicy(usePolicy(job.uid).data?.policy ?? null)
  const { total, bytes, refusal } = list
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
      <div className="min-w-0 flex-1 basis-64">
        <p>
          <span className="font-medium">
            {total === 1 ? '1 checkpoint' : `${formatCount(total)} checkpoints`}, {formatBytes(bytes)}
          </span>
          {total > limits.checkpointsShown ? (
            <span className="text-muted"> (the newest {formatCount(limits.checkpointsShown)} are shown)</span>
          ) : null}
        </p>
        <p className="text-muted">
          {refusal.create !== null
            ? `None can be made now. ${refusal.create}`
            : rights.checkpoint
              ? 'Files stay on the machine that wrote them, unless they are copied to the control room.'
              : 'To have one written takes the right to manage this job: its owner and admins have it.'}
          {rules === null ? '' : ` By the rules ${rules}.`}
        </p>
      </div>
      <Button onClick={onTold}>What it was told</Button>
      <Button aria-haspopup="dialog" onClick={() => change({ rules: 'open' })}>
        Rules…
      </Button>
      {steering.offered.includes('checkpoint') ? (
        <Button look="primary" onClick={onCreate}>
          <Save size={14} aria-hidden /> Checkpoint now
        </Button>
      ) : null}
    </div>
  )
}

function WaitingItem({ command, now }: { command: Command; now: number }) {
  return (
    <li className="flex items-start gap-2 border-t border-line px-4 py-2 first:border-t-0">
      <span className="pt-0.5">
        <CommandSign state={command.state} />
      </span>
      <span className="min-w-0 wrap-anywhere text-muted">
        <span className="font-medium text-text">{describeOrder(command)}</span> asked for by {nameGiver(command)}{' '}
        <TimeAgo at={command.createdAt} now={now} />, {describeProgress(command)}
      </span>
    </li>
  )
}

/** The table, what it is searched by, and which two of it are compared. */
function Listed({ job, list, now }: TabProps & { list: CheckpointList; now: number }) {
  const [text, setText] = useState('')
  const [sort, setSort] = useState(newestFirst)
  const [picked, setPicked] = useState<readonly number[]>([])
  const change = useChangeSearch()
  const all = list.checkpoints
  const shown = sortCheckpoints(searchCheckpoints(all, text), sort)
  const pair = picked.filter((id) => all.some((one) => one.id === id))
  return (
    <section aria-label="List of checkpoints" className="rounded-lg border border-line bg-surface">
      <div className="flex min-h-11 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
        <SearchField label="Search checkpoints" text={text} onText={setText} className="w-full max-w-64" />
        <Picked
          count={pair.length}
          onCompare={() => change({ checkpoint: String(pair[0]), versus: String(pair[1]) })}
          onClear={() => setPicked([])}
        />
      </div>
      <CheckpointTable
        job={job}
        shown={shown}
        all={all}
        keys={listMetricKeys(all, job).slice(0, columnsMax)}
        picked={pair}
        sort={sort}
        now={now}
        onSort={setSort}
        // The third takes the place of the first.
        onPick={(id, isOn) => setPicked(isOn ? [...pair, id].slice(-2) : pair.filter((one) => one !== id))}
        onOpen={(id) => change({ checkpoint: String(id) })}
      />
      {shown.length === 0 ? (
        <p className="border-t border-line px-4 py-3 text-muted">None has all these words.</p>
      ) : null}
    </section>
  )
}

function Picked({ count, onCompare, onClear }: { count: number; onCompare: () => void; onClear: () => void }) {
  if (count === 0) return <span className="text-12 text-faint max-sm:hidden">Pick two to compare them</span>
  return (
    <>
      <span className="text-muted">{count === 1 ? '1 picked, pick one more' : '2 picked'}</span>
      <Button look="primary" disabled={count < 2} onClick={onCompare}>
        Compare
      </Button>
      <Button look="quiet" onClick={onClear}>
        Clear
      </Button>
    </>
  )
}

type OpenedProps = { job: Job; list: CheckpointList; steering: Steering; actions: CheckpointActions; now: number }

/** The checkpoint that the address names, the two, or the rules. */
function Opened({ job, list, steering, actions, now }: OpenedProps) {
  const { checkpoint, versus, part, rules } = route.useSearch()
  const change = useChangeSearch()
  const all = list.checkpoints
  const find = (id: string | undefined): Checkpoint | undefined => all.find((one) => String(one.id) === id)
  const [first, second] = [find(checkpoint), find(versus)]
  const close = (): void => change({ checkpoint: undefined, versus: undefined, part: undefined, rules: undefined })
  if (rules === 'open') {
    return (
      <Suspense fallback={null}>
        <RulesSheet job={job} all={all} onClose={close} />
      </Suspense>
    )
  }
  if (!first) return null
  return (
    <Suspense fallback={null}>
      {second ? (
        <CompareSheet
          job={job}
          pair={[first, second]}
          ofTensors={part === 'tensors'}
          onTensors={(ofTensors) => change({ part: ofTensors ? 'tensors' : undefined })}
          onSwap={() => change({ checkpoint: versus, versus: checkpoint })}
          onClose={close}
        />
      ) : (
        <CheckpointSheet
          job={job}
          checkpoint={first}
          all={all}
          steering={steering}
          refusal={list.refusal.rollback}
          copyRefusal={list.refusal.copy}
          actions={actions}
          now={now}
          onCompare={(other) => change({ versus: String(other) })}
          onClose={close}
        />
      )}
    </Suspense>
  )
}

const snippet = `job.checkpoints(
    save=lambda path: torch.save(state_of(model, optimizer), path),
    load=lambda path: restore(model, optimizer, torch.load(path)),
    every=1000,
)

for step in job.steps(range(total_steps)):
    ...`

function NoCheckpoints({ job }: { job: Job }) {
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-3 py-6">
      <h2 className="text-16 font-semibold">
        {isEnded(job.state) ? 'No checkpoint was written' : 'No checkpoint yet'}
      </h2>
      <p className="text-muted">
        A checkpoint is where the job was written down, so that it can go back there. The script says how it writes and
        reads one; then they can be asked for here, compared, and gone back to.
      </p>
      <Copyable text={snippet} label="Python that makes checkpoints" />
    </div>
  )
}
