/** The inputs of the root action and their defaults, as action.yml declares them. A test holds the two together. */
export const inputDefaults = {
  'disk-name': '',
  'instance-name': '',
  'attached-disks': 'false',
  'snapshot-name': '{{source}}-{{sha7}}-{{run_id}}-{{run_attempt}}',
  tags: '',
  'commit-sha': '',
  wait: 'true',
  'wait-timeout': '1h',
  'poll-interval': '15s',
  'if-exists': 'adopt',
  'keep-last': '',
  'keep-within': '',
  'dry-run': 'false',
  'commit-status': '',
  'github-token': '${{ github.token }}',
  'aws-region': '',
} as const

/** The outputs of the root action, in the order of action.yml. */
export const outputNames = [
  'operation-id',
  'operation-ids',
  'snapshot-name',
  'snapshot-names',
  'snapshot-arn',
  'snapshot-arns',
  'state',
  'snapshots',
  'deleted-snapshots',
] as const

export type OutputName = (typeof outputNames)[number]
