import { Link } from '@tanstack/react-router'
import type { ClusterPartition, LaunchTarget } from '@pilothouse/contract'
import { useCluster } from '../clusters/use-clusters.ts'
import { CheckField, ChoiceField, TextField } from '../ui/fields.tsx'
import { AreaField, Fault, FieldSection, type FieldsProps } from './field-parts.tsx'

const kinds: Record<LaunchTarget['kind'], string> = { local: 'this machine', ssh: 'over ssh', slurm: 'Slurm' }

type WhereProps = FieldsProps & {
  targets: readonly LaunchTarget[]
  target: LaunchTarget | undefined
  /** More than one: a sweep that Slurm may get as an array. */
  jobs: number
  /** Of an engine: it is one task on one node, and does not begin anew. */
  isEngine?: boolean
}

/** On which target, and with how much of it. */
export function WhereFields({ draft, onChange, tell, targets, target, jobs, isEngine = false }: WhereProps) {
  const choices = targets.map(({ name, kind }) => [name, `${name} (${kinds[kind]})`] as const)
  const known = target ? choices : [...choices, [draft.target, `${draft.target} (not there any more)`] as const]
  return (
    <FieldSection title="Where">
      <div className="flex flex-col gap-1">
        <ChoiceField
          label="Target"
          value={draft.target}
          choices={known}
          onChange={(name) => onChange({ target: name })}
        />
        <Fault words={tell('target')} />
        {targets.length === 1 ? (
          <p className="text-12 text-faint">
            clusters.yaml names others:{' '}
            <Link to="/clusters" className="text-accent underline">
              how
            </Link>
          </p>
        ) : null}
      </div>
      {target?.kind === 'slurm' ? (
        <>
          <SlurmFields draft={draft} onChange={onChange} tell={tell} name={target.name} isEngine={isEngine} />
          {jobs > 1 ? <ArrayFields draft={draft} onChange={onChange} tell={tell} jobs={jobs} /> : null}
        </>
      ) : (
        <p className="text-12 text-muted">It starts at once, with all that this machine has.</p>
      )}
    </FieldSection>
  )
}

function SlurmFields({ draft, onChange, tell, name, isEngine }: FieldsProps & { name: string; isEngine: boolean }) {
  const { data } = useCluster(name)
  const facts = data?.availability ?? undefined
  const partitions = facts?.partitions ?? []
  const partition = partitions.find((one) => (draft.partition === '' ? one.isDefault : one.name === draft.partition))
  const types = (partition?.gpus ?? facts?.types ?? []).flatMap(({ type }) => (type === null ? [] : [type]))
  const accounts = [...new Set((facts?.accounts ?? []).map(({ account }) => account))]
  const qos = [...new Set((facts?.accounts ?? []).flatMap((one) => one.qos))]
  const text = (field: 'nodes' | 'cpus' | 'tasks' | 'memory' | 'time' | 'gpus', label: string, placeholder: string) => (
    <TextField
      label={label}
      value={draft[field]}
      placeholder={placeholder}
      fault={tell(field)}
      onChange={(value) => onChange({ [field]: value })}
    />
  )
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 md:grid-cols-3">
        <div className="flex flex-col gap-1">
          <ChoiceField
            label="Partition"
            value={draft.partition}
            choices={withOwn(
              [['', 'default'], ...partitions.map((one) => [one.name, describePartition(one)] as const)],
              draft.partition,
            )}
            onChange={(value) => onChange({ partition: value })}
          />
          <Fault words={tell('partition')} />
        </div>
        {text('gpus', 'GPUs a node', 'none')}
        <div className="flex flex-col gap-1">
          <ChoiceField
            label="GPU type"
            value={draft.gpuType}
            choices={withOwn([['', 'any'], ...types.map((type) => [type, type] as const)], draft.gpuType)}
            onChange={(gpuType) => onChange({ gpuType })}
          />
        </div>
        {isEngine ? null : text('nodes', 'Nodes', '1')}
        {text('cpus', 'CPUs a task', 'as the cluster gives')}
        {isEngine ? null : text('tasks', 'Tasks a node', '1')}
        {text('memory', 'Memory a node', 'as 64G')}
        {text('time', 'Time limit', limitWords(partition))}
        {accounts.length > 0 ? (
          <div className="flex flex-col gap-1">
            <ChoiceField
              label="Account"
              value={draft.account}
              choices={withOwn([['', 'default'], ...accounts.map((one) => [one, one] as const)], draft.account)}
              onChange={(account) => onChange({ account })}
            />
            <Fault words={tell('account')} />
          </div>
        ) : null}
        {qos.length > 0 ? (
          <div className="flex flex-col gap-1">
            <ChoiceField
              label="QoS"
              value={draft.qos}
              choices={withOwn([['', 'default'], ...qos.map((one) => [one, one] as const)], draft.qos)}
              onChange={(value) => onChange({ qos: value })}
            />
            <Fault words={tell('qos')} />
          </div>
        ) : null}
      </div>
      <MoreOfSlurm draft={draft} onChange={onChange} tell={tell} isEngine={isEngine} />
      {data?.status.state === 'unknown' ? (
        <p className="text-12 text-warn">
          The cluster does not answer now{data.status.trouble ? `: ${data.status.trouble.message}` : ''}. What is chosen
          is checked by Slurm itself.
        </p>
      ) : null}
    </>
  )
}

/** How Slurm gets the jobs of a sweep. */
function ArrayFields({ draft, onChange, tell, jobs }: FieldsProps & { jobs: number }) {
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-3">
      <CheckField
        label={`Submit the ${jobs} jobs as one job array`}
        isOn={draft.array}
        onChange={(array) => onChange({ array })}
      />
      {draft.array ? (
        <div className="sm:max-w-56">
          <TextField
            label="At a time"
            value={draft.atOnce}
            placeholder="as many as there is room for"
            fault={tell('atOnce')}
            // Nothing else gets in: a fault of a field that another target hides would keep the form from being sent.
            onChange={(text) => onChange({ atOnce: text.replace(/^0+|\D/g, '') })}
          />
        </div>
      ) : null}
    </div>
  )
}

function MoreOfSlurm({ draft, onChange, tell, isEngine }: FieldsProps & { isEngine: boolean }) {
  return (
    <details open={draft.directives + draft.constraint + draft.reservation !== '' ? true : undefined}>
      <summary className="touchable cursor-pointer text-muted">More of Slurm</summary>
      <div className="flex flex-col gap-3 pt-2">
        <div className="grid gap-3 sm:grid-cols-3">
          <TextField
            label="Constraint"
            value={draft.constraint}
            placeholder="none"
            fault={tell('constraint')}
            onChange={(constraint) => onChange({ constraint })}
          />
          <TextField
            label="Reservation"
            value={draft.reservation}
            placeholder="none"
            fault={tell('reservation')}
            onChange={(reservation) => onChange({ reservation })}
          />
          {isEngine ? null : (
            <TextField
              label="Told before its time is over"
              value={draft.warn}
              placeholder="not at all"
              hint="By SIGUSR1, at which the SDK saves a checkpoint; a script that does not listen ends"
              fault={tell('warn')}
              onChange={(warn) => onChange({ warn })}
            />
          )}
        </div>
        <AreaField
          label="Further options of sbatch"
          rows={2}
          value={draft.directives}
          placeholder={'--exclusive\n--nice=100'}
          hint="A line each, with or without #SBATCH"
          fault={tell('directives')}
          onChange={(directives) => onChange({ directives })}
        />
        {isEngine ? null : (
          <CheckField
            label="Slurm may start it again after it had to make room, or lost its node"
            isOn={draft.requeue}
            onChange={(requeue) => onChange({ requeue })}
          />
        )}
      </div>
    </details>
  )
}

/** A value that the list does not have stays a choice. */
function withOwn(choices: readonly (readonly [string, string])[], value: string): (readonly [string, string])[] {
  return choices.some(([one]) => one === value) ? [...choices] : [...choices, [value, value] as const]
}

function describePartition({ name, isDefault, gpus, canStart, state }: ClusterPartition): string {
  const free = gpus.reduce((sum, row) => sum + row.free, 0)
  const total = gpus.reduce((sum, row) => sum + row.total, 0)
  const room = total === 0 ? 'no GPUs' : `${free} of ${total} GPUs free`
  return `${name}${isDefault ? ' (default)' : ''}, ${canStart ? room : state.toLowerCase()}`
}

function limitWords(partition: ClusterPartition | undefined): string {
  const seconds = partition?.maxTimeSeconds
  return seconds === undefined || seconds === null ? 'as 8h' : `at most ${Math.floor(seconds / 3_600)}h`
}
