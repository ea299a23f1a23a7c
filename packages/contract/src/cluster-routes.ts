/** Routes of clusters and hosts, as a part of `routes.ts`. */
import {
  clusterAvailability,
  clusterList,
  clusterPartitions,
  clusterStart,
  connectionTest,
  freshQuery,
  hostKeyChoice,
  hostKeys,
  ofCluster,
} from './cluster.ts'
import { clustersText, clustersTextChange, clustersTextCheck, clustersTextDraft } from './clusters-text.ts'
import { connection, connectionAnswer } from './connection.ts'
import { startQuery } from './gpu-availability.ts'

export const clusterRoutes = {
  'clusters.list': {
    summary: 'The clusters of `clusters.yaml` with what is known of their GPUs; what is wrong in that file.',
    response: clusterList,
  },
  'clusters.text': {
    summary: 'The text of `clusters.yaml`, what is wrong in it, and whether it can be changed from here.',
    response: clustersText,
  },
  'clusters.check-text': {
    summary: 'Say what is wrong in a text for `clusters.yaml`, and where. Nothing is written.',
    body: clustersTextDraft,
    response: clustersTextCheck,
  },
  'clusters.set-text': {
    summary:
      'Replace `clusters.yaml` by a text without faults, at once and whole. 409 when it is not the one that was `seen`.',
    body: clustersTextChange,
    response: clustersText,
  },
  'clusters.gpus': {
    summary: 'GPUs of a cluster by type, partition and node. An unreachable one answers with what was last known.',
    params: ofCluster,
    query: freshQuery,
    response: clusterAvailability,
  },
  'clusters.partitions': {
    summary: 'The partitions that the user may use, with their limits.',
    params: ofCluster,
    query: freshQuery,
    response: clusterPartitions,
  },
  'clusters.start': {
    summary: 'Where a job for so many GPUs can start now, where later, where never and why.',
    params: ofCluster,
    query: startQuery.extend(freshQuery.shape),
    response: clusterStart,
  },
  'clusters.test': {
    summary: 'Go the way to a cluster or host step by step, over a connection of its own, and say how far it leads.',
    params: ofCluster,
    response: connectionTest,
  },
  'clusters.host-keys': {
    summary: 'Ask the hosts on the way to a cluster or host for their keys, without logging in.',
    params: ofCluster,
    response: hostKeys,
  },
  'clusters.trust': {
    summary: 'Accept the key with this fingerprint, if the host still shows it and no other was known.',
    params: ofCluster,
    body: hostKeyChoice,
  },
  'clusters.forget': {
    summary: 'Take back a key that was accepted here. Files of known hosts that are not ours stay as they are.',
    params: ofCluster,
    body: hostKeyChoice,
  },
  'clusters.connection': {
    summary: 'The connection that was made by hand, or what ssh asks while it is made.',
    params: ofCluster,
    response: connection,
  },
  'clusters.connect': {
    summary: 'Connect to a cluster or host and have ssh ask what it wants to know. The answer comes before it stands.',
    params: ofCluster,
    response: connection,
  },
  'clusters.answer': {
    summary: 'Answer what ssh asks. What is answered is kept nowhere.',
    params: ofCluster,
    body: connectionAnswer,
    response: connection,
  },
  'clusters.disconnect': {
    summary: 'Give up connecting, or end the connection that was made by hand.',
    params: ofCluster,
  },
}
