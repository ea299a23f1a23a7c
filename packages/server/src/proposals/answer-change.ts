import type { Proposed } from '@pilothouse/contract'
import type { FastifyReply } from 'fastify'

/** Has an answer say by its status, 202, that a change was proposed only. */
export async function answerChange<Answer extends object>(
  reply: FastifyReply,
  change: Promise<Answer | Proposed>,
): Promise<Answer | Proposed> {
  const answer = await change
  if ('proposals' in answer) reply.code(202)
  return answer
}
