/** Why a job waits, in plain words: Slurm has a word for each. */

const words: Readonly<Record<string, string>> = {
  AccountNotAllowed: 'The partition does not take jobs of its account.',
  BadConstraints: 'No nodes have what it asks for: it never starts.',
  BeginTime: 'Its time to begin has not come: one that was put back into the queue waits about two minutes.',
  Cleaning: 'What is left of its last run is cleared away.',
  Dependency: 'It waits for other jobs to end.',
  DependencyNeverSatisfied: 'The jobs that it waits for did not end as it needs: it never starts.',
  JobArrayTaskLimit: 'As many elements of its array run as may at once.',
  JobHeldAdmin: 'An admin of the cluster holds it.',
  JobHeldUser: 'It is held; release it to let it start.',
  JobHoldMaxRequeue: 'It was begun anew too often, and is held.',
  JobLaunchFailure: 'It could not be begun on its nodes.',
  Licenses: 'Its licences are in use.',
  NodeDown: 'A node that it needs is down.',
  Nodes_required_for_job_are_DOWN_DRAINED_or_reserved_for_jobs_in_higher_priority_partitions:
    'Nodes that it needs are down, drained, or reserved.',
  PartitionDown: 'Its partition is down.',
  PartitionInactive: 'Its partition takes no jobs now.',
  PartitionNodeLimit: 'It asks for more nodes than its partition gives: it never starts.',
  PartitionTimeLimit: 'It asks for more time than its partition gives: it never starts.',
  Priority: 'Others with a higher priority come first.',
  Prolog: 'Its nodes are being made ready.',
  QOSNotAllowed: 'Its partition does not take jobs of its QoS.',
  ReqNodeNotAvail: 'A node that it needs is not to be had now: down, drained or reserved.',
  Reservation: 'Its reservation has not begun, or is full.',
  Resources: 'It waits for resources to come free; it is next.',
}

/** By how a word begins: what is behind it says of what, and how counted. */
const beginnings: readonly [start: RegExp, words: string][] = [
  [/^QOS.*(Gres|GRES|TRES)/, 'The QoS allows no more GPUs (or other resources) at a time.'],
  [/^QOS.*Jobs/, 'The QoS allows no more jobs at a time.'],
  [/^QOS/, 'A limit of its QoS is reached.'],
  [/^(Assoc|Max).*(Gres|GRES|TRES)/, 'The account allows no more GPUs (or other resources) at a time.'],
  [/^(Assoc|Max)/, 'A limit of the account is reached.'],
  [/^Nodes? ?required/i, 'Nodes that it needs are down, drained, or reserved.'],
  [/held/i, 'It is held.'],
]

const stateWords: Readonly<Record<string, string>> = {
  CONFIGURING: 'Its nodes are being made ready.',
  COMPLETING: 'Slurm clears up behind it.',
  SUSPENDED: 'Slurm has suspended it.',
  STOPPED: 'It was stopped by a signal.',
  SPECIAL_EXIT: 'It ended in a special way, and is held.',
  REQUEUE_HOLD: 'It was put back into the queue, and is held.',
}

/** @param reason in Slurm's words, as `ReqNodeNotAvail, UnavailableNodes:a1`; null for none */
export function explainReason(state: string, reason: string | null): string | null {
  if (stateWords[state] !== undefined) return stateWords[state]
  if (reason === null || state !== 'PENDING') return null
  const [word = reason] = reason.split(/[,(]/)
  const known = words[word] ?? words[word.replaceAll(' ', '_')]
  const found = known ?? beginnings.find(([start]) => start.test(word))?.[1]
  // Slurm's own word goes along: it is what one looks for.
  return found === undefined ? reason : `${found} (${reason})`
}

/** Somebody has to release it. */
export function isHeld(state: string, reason: string | null): boolean {
  if (state === 'REQUEUE_HOLD' || state === 'SPECIAL_EXIT' || state === 'RESV_DEL_HOLD') return true
  return state === 'PENDING' && reason !== null && /^JobHeld|^JobHold|_held$|held$/.test(reason)
}
