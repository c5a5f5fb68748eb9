import { type Course, momentOf } from './lifecycle.js'
import { newResource, type ResourceFields } from './resource.js'
import type { StaticIp } from './wire.js'

/** The members of a static IP that change. */
export type StaticIpMoment = Pick<StaticIp, 'attachedTo' | 'isAttached'>

/** A stored static IP; the instance it is attached to is computed when it is read. */
export interface StoredStaticIp {
  readonly fixed: Omit<StaticIp, keyof StaticIpMoment>
  readonly course: Course<StaticIpMoment>
}

/** Returns a static IP to store. */
export function newStaticIp(
  fields: ResourceFields,
  ipAddress: string,
  course: Course<StaticIpMoment>,
): StoredStaticIp {
  return { fixed: { ...newResource('StaticIp', fields), ipAddress }, course }
}

/** The moment of a static IP attached to this instance, or to none. */
export function staticIpOn(instanceName: string | undefined): StaticIpMoment {
  return instanceName === undefined ? { isAttached: false } : { isAttached: true, attachedTo: instanceName }
}

/** The static IP as it is at `now` (milliseconds since the epoch). */
export function readStaticIp({ fixed, course }: StoredStaticIp, now: number): StaticIp {
  return { ...fixed, ...momentOf(course, now) }
}
