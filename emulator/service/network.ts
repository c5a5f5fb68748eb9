import { Holdings } from './holdings.js'
import { type Course, momentOf, settled } from './lifecycle.js'
import { newLoadBalancer, readLoadBalancer } from './load-balancers.js'
import { readdressed } from './machines.js'
import type { ResourceFields } from './resource.js'
import { newStaticIp, readStaticIp, type StaticIpMoment, staticIpOn } from './static-ips.js'
import type { LoadBalancer, StaticIp } from './wire.js'

/** What leads to the instances of a Region: their public addresses, and load balancers. */
export class Network extends Holdings {
  #addresses = 0
  #ipv6Addresses = 0

  /** Returns a new public address. */
  nextAddress(): string {
    this.#addresses += 1
    return `192.0.2.${9 + (this.#addresses % 240)}`
  }

  /** Returns a new IPv6 address. */
  nextIpv6Address(): string {
    this.#ipv6Addresses += 1
    return `2001:db8::${this.#ipv6Addresses.toString(16)}`
  }

  /** Allocates a static IP, attached if `attachedTo` names an instance; NotFoundException. */
  addStaticIp(name: string, now: number, attachedTo?: string): StaticIp {
    this.checkNameIsFree(name, now)
    const instance = attachedTo === undefined ? undefined : this.instances.find(attachedTo, now)
    const moment = staticIpOn(instance?.fixed.name)
    this.staticIps.put(name, newStaticIp(this.#fields(name, now), this.nextAddress(), settled(moment)))
    return this.staticIp(name, now)
  }

  /** The static IP at `now` (milliseconds since the epoch); NotFoundException. */
  staticIp(name: string, now: number): StaticIp {
    return readStaticIp(this.staticIps.find(name, now), now)
  }

  /** The static IP attached to the instance at `now` (milliseconds since the epoch), if any. */
  staticIpOf(instanceName: string, now: number): StaticIp | undefined {
    return this.staticIps
      .names(now)
      .map((name) => this.staticIp(name, now))
      .find(({ attachedTo }) => attachedTo === instanceName)
  }

  /** Attaches a static IP to the instance at once as in the console, or detaches it. NotFoundException. */
  moveStaticIp(name: string, instanceName?: string): void {
    const now = this.clock()
    const instance = instanceName === undefined ? undefined : this.instances.find(instanceName, now)
    this.changeStaticIp(name, settled(staticIpOn(instance?.fixed.name)))
  }

  /** Gives a static IP this course. An instance that loses it has another address from then on. NotFoundException. */
  changeStaticIp(name: string, course: Course<StaticIpMoment>): void {
    const now = this.clock()
    const stored = this.staticIps.find(name, now)
    const { attachedTo } = readStaticIp(stored, now)
    this.staticIps.change(name, { ...stored, course })
    if (attachedTo === undefined || attachedTo === course.after.attachedTo) return
    const instance = this.instances.find(attachedTo, now)
    this.instances.change(attachedTo, readdressed(instance, this.nextAddress()))
  }

  /** Puts a load balancer into the Region, with these instances behind it; NotFoundException. */
  addLoadBalancer(name: string, now: number, instanceNames: readonly string[]): LoadBalancer {
    this.checkNameIsFree(name, now)
    for (const instanceName of instanceNames) this.instances.find(instanceName, now)
    this.loadBalancers.put(name, newLoadBalancer(this.#fields(name, now), instanceNames))
    return this.loadBalancer(name, now)
  }

  /** The load balancer at `now` (milliseconds since the epoch), with the instances that still exist; NotFoundException. */
  loadBalancer(name: string, now: number): LoadBalancer {
    const stored = this.loadBalancers.find(name, now)
    const instanceNames = stored.instanceNames.filter((each) => this.instances.isFound(each, now))
    const isRunning = (instanceName: string) =>
      momentOf(this.instances.find(instanceName, now).course, now).state.name === 'running'
    return readLoadBalancer({ ...stored, instanceNames }, now, isRunning)
  }

  /** The fields of a new resource that is in no Availability Zone. */
  #fields(name: string, createdAt: number): ResourceFields {
    const location = { availabilityZone: 'all', regionName: this.name }
    return { name, location, createdAt, tags: [], newId: this.newId }
  }
}
