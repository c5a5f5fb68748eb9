import type { InputReader } from '../../github/inputs.js'
import type { Environment } from '../../github/run-context.js'
import { isRegion } from '../../lightsail/names.js'

/** Returns the Region in `aws-region`, else that of the job's environment. Problems are noted. */
export function readRegion(inputs: InputReader, environment: Environment): string {
  const places: readonly (readonly [string, string])[] = [
    ['', inputs.text('aws-region')],
    ['(from AWS_REGION) ', (environment['AWS_REGION'] ?? '').trim()],
    ['(from AWS_DEFAULT_REGION) ', (environment['AWS_DEFAULT_REGION'] ?? '').trim()],
  ]
  const [origin, region] = places.find(([, text]) => text !== '') ?? ['', '']
  if (region === '') {
    inputs.missing(
      'aws-region',
      'is not given, and neither AWS_REGION nor AWS_DEFAULT_REGION is set: give the Region of the disk, such as eu-central-1',
    )
  } else if (!isRegion(region)) {
    const problem = `${origin}is not a Region: write one like eu-central-1${zoneHint(region)}`
    inputs.problem('aws-region', region, problem)
  }
  return region
}

function zoneHint(region: string): string {
  const zone = /^(.*\d)[a-z]$/.exec(region)?.[1]
  return zone !== undefined && isRegion(zone) ? `; this is an Availability Zone of ${zone}` : ''
}
