import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Proposal, ProposalList } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { refreshSteering } from '../commands/steering-queries.ts'
import { showToast } from '../ui/toasts.tsx'

/** What is proposed for a job: what waits first, then the newest; kept fresh by its topic. */
export function useProposals(uid: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['proposals', uid],
    queryFn: async ({ signal }): Promise<ProposalList> => client.call('proposals.list', { params: { uid }, signal }),
  })
}

/** True when what this person changes is a proposal, in a project that asks for it. */
export function useProposes({ needsApproval }: { needsApproval: boolean }): boolean {
  return !useSession().permissions.includes('training:admin') && needsApproval
}

/** Says that nothing is changed yet, where an answer or several were proposals. */
export function tellProposed(count: number): void {
  if (count === 0) return
  showToast({
    words:
      count === 1
        ? 'The change is proposed. An admin has to approve it.'
        : `${count} changes are proposed. An admin has to approve them.`,
  })
}

/** Approving, declining, withdrawing. What is decided leaves the page with its dialog, so what went wrong is told apart. */
export function useDecisions(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => refreshSteering(queries, uid)
  const onError = (error: Error): void => showToast({ words: error.message, isBad: true })
  const paramsOf = ({ id }: Proposal) => ({ uid, id: String(id) })
  const approve = useMutation({
    mutationFn: async ({ proposal, revision }: { proposal: Proposal; revision: number | undefined }) =>
      client.call('proposals.approve', {
        params: paramsOf(proposal),
        body: revision === undefined ? {} : { revision },
      }),
    onError,
    onSettled,
  })
  const decline = useMutation({
    mutationFn: async ({ proposal, reason }: { proposal: Proposal; reason: string }) =>
      client.call('proposals.decline', { params: paramsOf(proposal), body: reason === '' ? {} : { reason } }),
    onError,
    onSettled,
  })
  const withdraw = useMutation({
    mutationFn: async (proposal: Proposal) => client.call('proposals.withdraw', { params: paramsOf(proposal) }),
    onSuccess: () => showToast({ words: 'The proposal is withdrawn.' }),
    onError,
    onSettled,
  })
  return { approve, decline, withdraw }
}
