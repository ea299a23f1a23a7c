/** What jobs can be sorted by beside values of theirs, which are named as `metric:loss`, `min:loss` or `config:lr`. */
export const jobSorts = [
  'created',
  'name',
  'state',
  'duration',
  'cost',
  'heard',
  'started',
  'ended',
  'project',
  'model',
  'dataset',
  'target',
] as const
