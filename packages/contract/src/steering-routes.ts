/** Routes of commands, parameters and checkpoints, as a part of `routes.ts`. */
import { z } from 'zod'
import {
  checkpoint,
  checkpointCreate,
  checkpointList,
  checkpointPatch,
  relaunchPlan,
  rollbackStart,
} from './checkpoint.ts'
import { checkpointAdvice, policyAnswer, policySet, policySetQuery, tensorQuery } from './checkpoint-policy.ts'
import { copyRoutes } from './copy-routes.ts'
import {
  command,
  commandNote,
  commandPage,
  commandQuery,
  commandTaken,
  commandTakeQuery,
  jobSchedule,
  scheduleCreate,
  scheduleList,
  stopStart,
} from './command.ts'
import { impact } from './impact.ts'
import {
  changePage,
  changeQuery,
  impactQuery,
  parameterList,
  parameterSet,
  preset,
  presetApply,
  presetCreate,
  presetList,
  presetQuery,
} from './parameter.ts'
import { proposal, proposalApprove, proposalDecline, proposalList, proposed } from './proposal.ts'
import { jobDeleteQuery } from './retention.ts'
import { byId, ofNote, ofParameter, ofPreset, ofUid } from './route-params.ts'
import { checkpointComparison, checkpointSummary } from './tensor-summary.ts'

export const steeringRoutes = {
  'commands.list': {
    summary: 'What the job was told, newest first, and what it can be told.',
    params: ofUid,
    query: commandQuery,
    response: commandPage,
  },
  'commands.take': {
    summary: 'For the job itself: its open commands behind the last one that it has; waits for one.',
    params: ofUid,
    query: commandTakeQuery,
    response: commandTaken,
  },
  'jobs.pause': {
    summary: 'Pause a running job at its next control point: it keeps what it holds.',
    params: ofUid,
    body: commandNote,
    response: command,
  },
  'jobs.resume': { summary: 'Let a paused job go on.', params: ofUid, body: commandNote, response: command },
  'jobs.evaluate': {
    summary: 'Have a running job evaluate now, where it can.',
    params: ofUid,
    body: commandNote,
    response: command,
  },
  'jobs.stop': {
    summary: 'Have a running job end by itself at its next control point.',
    params: ofUid,
    body: stopStart,
    response: command,
  },
  'parameters.list': {
    summary: 'Parameters that the job lets itself be given, with their values and what waits to change them.',
    params: ofUid,
    response: parameterList,
  },
  'parameters.set': {
    summary:
      'Change a parameter of a running job, or propose it (202) where an admin has to approve. 409 when its revision is not the one that was seen.',
    params: ofParameter,
    body: parameterSet,
    response: command,
    accepted: proposed,
  },
  'parameters.changes': {
    summary: 'How parameters changed, newest first.',
    params: ofUid,
    query: changeQuery,
    response: changePage,
  },
  'parameters.impact': {
    summary: 'What a change of a parameter did to a metric, against the forecast from before it.',
    params: ofNote,
    query: impactQuery,
    response: impact,
  },
  'parameters.apply-preset': {
    summary:
      'Change parameters of a running job to the values of a preset, or propose it (202); those that have them already are left out.',
    params: ofPreset,
    body: presetApply,
    response: z.object({ commands: z.array(command) }),
    accepted: proposed,
  },
  'proposals.list': {
    summary: 'Changes of a job that wait for an admin, and what became of earlier ones.',
    params: ofUid,
    response: proposalList,
  },
  'proposals.approve': {
    summary:
      'Give a proposed change to the job, checked anew. 409 when its parameter has changed since: name the `revision` that was seen if it is still wanted.',
    params: ofNote,
    body: proposalApprove,
    response: command,
  },
  'proposals.decline': {
    summary: 'Decline a proposed change, with a reason for who proposed it.',
    params: ofNote,
    body: proposalDecline,
    response: proposal,
  },
  'proposals.withdraw': { summary: 'Take back a change that one proposed.', params: ofNote, response: proposal },
  'schedules.list': {
    summary: 'Schedules that move parameters of a job by themselves.',
    params: ofUid,
    response: scheduleList,
  },
  'schedules.create': {
    summary:
      'Have a parameter of a running job move by itself, from a step, an epoch, a time or a condition on; or propose it (202).',
    params: ofUid,
    body: scheduleCreate,
    response: jobSchedule,
    accepted: proposed,
  },
  'schedules.cancel': { summary: 'Cancel a schedule.', params: ofNote, response: command },
  'presets.list': { summary: 'Presets of parameters, by name.', query: presetQuery, response: presetList },
  'presets.create': { summary: 'Keep values of parameters under a name.', body: presetCreate, response: preset },
  'presets.delete': { summary: 'Delete a preset of one’s own; an admin deletes any.', params: byId },
  'checkpoints.policy': {
    summary: 'Which checkpoints stay by themselves, and what the rules make of those that there are.',
    params: ofUid,
    response: policyAnswer,
  },
  'checkpoints.set-policy': {
    summary: 'Say which checkpoints stay by themselves; the others are deleted, and can be restored for ten minutes.',
    params: ofUid,
    query: policySetQuery,
    body: policySet,
    response: policyAnswer,
  },
  'checkpoints.advice': {
    summary: 'Whether it is worth while to write a checkpoint now, or to pin one, and why.',
    params: ofUid,
    response: checkpointAdvice,
  },
  'checkpoints.tensors': {
    summary:
      'The tensors in a checkpoint on this machine, or how they differ from those of another. No code in it is run.',
    params: ofNote,
    query: tensorQuery,
    response: z.union([checkpointSummary, checkpointComparison]),
  },
  ...copyRoutes,
  'checkpoints.check': {
    summary: 'Look at the files of a checkpoint now, and compare their bytes with the checksum.',
    params: ofNote,
    response: checkpoint,
  },
  'checkpoints.list': { summary: 'Checkpoints of a job, newest first.', params: ofUid, response: checkpointList },
  'checkpoints.create': {
    summary: 'Have a running job write a checkpoint at its next control point.',
    params: ofUid,
    body: checkpointCreate,
    response: command,
  },
  'checkpoints.edit': {
    summary: 'Describe, tag or pin a checkpoint.',
    params: ofNote,
    body: checkpointPatch,
    response: checkpoint,
  },
  'checkpoints.rollback': {
    summary: 'Have a running job go back to a checkpoint. What follows is a new branch.',
    params: ofNote,
    body: rollbackStart,
    response: command,
  },
  'checkpoints.relaunch': {
    summary:
      'The command that starts a job that has ended again from a checkpoint. 409 with the reason where none does.',
    params: ofNote,
    response: relaunchPlan,
  },
  'checkpoints.delete': {
    summary: 'Delete a checkpoint. It can be restored for ten minutes; then its files go, too.',
    params: ofNote,
    query: jobDeleteQuery,
    response: checkpoint,
  },
  'checkpoints.restore': { summary: 'Undo the deletion of a checkpoint.', params: ofNote, response: checkpoint },
  'admin.checkpoints': {
    summary: 'The same as GET /api/jobs/{uid}/checkpoints.',
    params: ofUid,
    response: checkpointList,
  },
  'admin.create-checkpoint': {
    summary: 'The same as POST /api/jobs/{uid}/checkpoints.',
    params: ofUid,
    body: checkpointCreate,
    response: command,
  },
  'admin.rollback': {
    summary: 'The same as PUT /api/jobs/{uid}/checkpoints/{id}/rollback.',
    params: ofNote,
    body: rollbackStart,
    response: command,
  },
  'admin.delete-checkpoint': {
    summary: 'The same as DELETE /api/jobs/{uid}/checkpoints/{id}.',
    params: ofNote,
    response: checkpoint,
  },
  'admin.apply-preset': {
    summary: 'The same as POST /api/jobs/{uid}/parameters/preset/{presetId}.',
    params: ofPreset,
    body: presetApply,
    response: z.object({ commands: z.array(command) }),
    accepted: proposed,
  },
  'admin.parameters': {
    summary: 'The same as GET /api/jobs/{uid}/parameters.',
    params: ofUid,
    response: parameterList,
  },
  'admin.set-parameter': {
    summary: 'The same as PUT /api/jobs/{uid}/parameters/{key}.',
    params: ofParameter,
    body: parameterSet,
    response: command,
    accepted: proposed,
  },
} as const
