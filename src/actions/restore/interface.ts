/** The inputs of restore/ and their defaults, as restore/action.yml declares them. A test holds the two together. */
export const restoreInputDefaults = {
  'snapshot-name': '',
  'disk-name': '',
  'instance-name': '',
  'commit-sha': '',
  'restored-disk-name': '{{source}}-restored-{{run_id}}-{{run_attempt}}',
  'availability-zone': '',
  'size-in-gb': '',
  'attach-to': '',
  'disk-path': '',
  swap: 'false',
  'wait-timeout': '1h',
  'dry-run': 'false',
  'aws-region': '',
  tags: '',
} as const

/** The outputs of restore/, in the order of restore/action.yml. */
export const restoreOutputNames = [
  'disk-name',
  'operation-id',
  'state',
  'snapshot-name',
  'previous-disk-name',
] as const

export type RestoreOutputName = (typeof restoreOutputNames)[number]
