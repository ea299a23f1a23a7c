/**
 * The life of a proposal: a change that waits for an admin. It is no command yet, and the job knows nothing of it.
 *
 *   open         waits
 *   approved     an admin gave it to the job; what came of it says the command that it became
 *   declined     an admin did not
 *   withdrawn    its author took it back
 *   replaced     its author proposed another change of the same kind for the same parameter
 *   expired      the job has ended, or another attempt has begun
 */
export const proposalStates = ['open', 'approved', 'declined', 'withdrawn', 'replaced', 'expired'] as const
export type ProposalState = (typeof proposalStates)[number]

/** Allowed transitions: it is decided once. */
export const proposalTransitions: Readonly<Record<ProposalState, readonly ProposalState[]>> = {
  open: ['approved', 'declined', 'withdrawn', 'replaced', 'expired'],
  approved: [],
  declined: [],
  withdrawn: [],
  replaced: [],
  expired: [],
}
