/** Routes of copies of checkpoints, as a part of `steering-routes.ts`. */
import { checkpoint } from './checkpoint.ts'
import { copyList, copyManifest, copyPartQuery, copyReceipt, ofCopyFile } from './checkpoint-copy.ts'
import { ofNote, ofUid } from './route-params.ts'

const ofPart = ofNote.extend(ofCopyFile.shape)

export const copyRoutes = {
  'copies.create': {
    summary: 'Copy a checkpoint to the control room: the running job sends it, or it is copied on this machine.',
    params: ofNote,
    response: checkpoint,
  },
  'copies.delete': {
    summary: 'Delete the copy of a checkpoint; the checkpoint itself stays.',
    params: ofNote,
    response: checkpoint,
  },
  'copies.download': {
    summary: 'The copy of a checkpoint: the file, or a tar archive of its folder.',
    params: ofNote,
    produces: 'application/octet-stream',
  },
  'copies.list': {
    summary: 'For the job itself: checkpoints of it that have a copy, newest first.',
    params: ofUid,
    response: copyList,
  },
  'copies.manifest': { summary: 'For the job itself: what is in a copy.', params: ofNote, response: copyManifest },
  'copies.send': {
    summary: 'For the job itself: say what it is about to send of a checkpoint, and learn how far that is.',
    params: ofNote,
    body: copyManifest,
    response: copyReceipt,
  },
  'copies.send-part': {
    summary: 'For the job itself: bytes of a file from an offset on. Nothing is written when that is not its end.',
    params: ofPart,
    query: copyPartQuery,
    response: copyReceipt,
  },
  'copies.read-part': {
    summary: 'For the job itself: bytes of a file of a copy from an offset on, at most 1 MiB.',
    params: ofPart,
    query: copyPartQuery,
    produces: 'application/octet-stream',
  },
} as const
