import type { SnapshotType } from './types.js'

/** What the two types of snapshot differ in, for everything that works with both. */
export const snapshotTypes = {
  disk: {
    words: 'a disk snapshot',
    resourceType: 'DiskSnapshot',
    creation: 'CreateDiskSnapshot',
    /** The noun of the AWS CLI's commands and options. */
    noun: 'disk-snapshot',
    // The methods of Lightsail.
    get: 'getDiskSnapshot',
    list: 'listDiskSnapshots',
    create: 'createDiskSnapshot',
    remove: 'deleteDiskSnapshot',
  },
  instance: {
    words: 'an instance snapshot',
    resourceType: 'InstanceSnapshot',
    creation: 'CreateInstanceSnapshot',
    noun: 'instance-snapshot',
    get: 'getInstanceSnapshot',
    list: 'listInstanceSnapshots',
    create: 'createInstanceSnapshot',
    remove: 'deleteInstanceSnapshot',
  },
} as const satisfies Record<SnapshotType, object>

/** Returns the type of a snapshot by the `resourceType` of an operation; undefined if it is on something else. */
export function snapshotTypeOf(resourceType: string): SnapshotType | undefined {
  return (['disk', 'instance'] as const).find((type) => snapshotTypes[type].resourceType === resourceType)
}
