/** The inputs of wait/ and their defaults, as wait/action.yml declares them. A test holds the two together. */
export const waitInputDefaults = {
  'operation-id': '',
  'snapshot-name': '',
  'wait-timeout': '1h',
  'poll-interval': '15s',
  'commit-status': '',
  'github-token': '${{ github.token }}',
  'commit-sha': '',
  'aws-region': '',
} as const

/** The outputs of wait/, in the order of wait/action.yml. */
export const waitOutputNames = [
  'state',
  'snapshot-name',
  'snapshot-names',
  'snapshot-arn',
  'snapshot-arns',
  'snapshots',
] as const

export type WaitOutputName = (typeof waitOutputNames)[number]
