/** The inputs of emulator/ and their defaults, as emulator/action.yml declares them. A test holds the two together. */
export const rehearsalInputDefaults = {
  disks: '',
  instances: '',
  scenario: 'good',
  'snapshot-takes': '10s',
  faults: '',
  'aws-region': '',
} as const

/** The outputs of emulator/, in the order of emulator/action.yml. */
export const rehearsalOutputNames = ['endpoint'] as const
