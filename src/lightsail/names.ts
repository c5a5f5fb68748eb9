// The service's model has `\w[\w\-]*\w`; its messages allow a period too, so an existing disk or instance may have one.
const sourceName = /^\w[\w.-]*\w$/
// A new name: alphanumeric at both ends, no period.
const newName = /^[A-Za-z0-9][A-Za-z0-9_-]*[A-Za-z0-9]$/
const region = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/

export const nameLength = { least: 2, most: 255 } as const

/** Whether a disk or an instance can have this name. */
export function isSourceName(name: string): boolean {
  return name.length >= nameLength.least && name.length <= nameLength.most && sourceName.test(name)
}

/** Whether a new snapshot can be given this name. */
export function isSnapshotName(name: string): boolean {
  return name.length >= nameLength.least && name.length <= nameLength.most && newName.test(name)
}

/** Whether this looks like a Region, such as `eu-central-1`. It becomes part of a host name. */
export function isRegion(name: string): boolean {
  return region.test(name)
}

/** The console page that lists the account's snapshots. */
export const consoleUrl = 'https://lightsail.aws.amazon.com/ls/webapp/home/snapshots'
