/** The inputs of prune/ and their defaults, as prune/action.yml declares them. A test holds the two together. */
export const pruneInputDefaults = {
  'disk-name': '',
  'instance-name': '',
  'keep-last': '',
  'keep-within': '',
  'dry-run': 'false',
  'wait-timeout': '10m',
  'aws-region': '',
} as const

/** The outputs of prune/, in the order of prune/action.yml. */
export const pruneOutputNames = ['deleted-snapshots', 'kept-snapshots'] as const

export type PruneOutputName = (typeof pruneOutputNames)[number]
