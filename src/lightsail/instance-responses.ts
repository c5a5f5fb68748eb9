import {
  type InstanceAccessDetails,
  IpAddressType,
  NetworkProtocol,
  type PortInfo,
  type Bundle as ServiceBundle,
  type Instance as ServiceInstance,
  type LoadBalancer as ServiceLoadBalancer,
  type StaticIp as ServiceStaticIp,
} from '@aws-sdk/client-lightsail'
import { readTags } from './responses.js'
import type { Bundle, Instance, InstanceAccess, LoadBalancer, PortRule, StaticIp } from './types.js'

/** Translates an instance; undefined if it has no name. */
export function readInstance(instance: ServiceInstance): Instance | undefined {
  if (instance.name === undefined) return undefined
  return {
    name: instance.name,
    arn: instance.arn ?? null,
    state: instance.state?.name ?? 'unknown',
    availabilityZone: instance.location?.availabilityZone ?? null,
    hasStaticIp: instance.isStaticIp === true,
    publicAddress: instance.publicIpAddress ?? null,
    addressType: instance.ipAddressType ?? null,
    bundleId: instance.bundleId ?? null,
    reachability: readReachability(instance),
    tags: readTags(instance.tags),
    disks: (instance.hardware?.disks ?? []).map(({ name, path, isSystemDisk, sizeInGb }) => ({
      name: name ?? '',
      path: path ?? null,
      isSystemDisk: isSystemDisk === true,
      sizeInGb: sizeInGb ?? null,
    })),
  }
}

/** A check that has failed counts, whichever of the two statuses it is in. */
function readReachability({ instanceStatus, systemStatus }: ServiceInstance): string | null {
  const checks = [instanceStatus, systemStatus].flatMap((status) => status?.details ?? [])
  const all = checks.flatMap(({ name, status }) => (name === 'reachability' ? (status ?? []) : []))
  return all.find((status) => status !== 'passed') ?? all[0] ?? null
}

/** Translates a static IP; undefined if it has no name. */
export function readStaticIp(staticIp: ServiceStaticIp): StaticIp | undefined {
  const { name, arn, ipAddress, attachedTo, isAttached } = staticIp
  if (name === undefined) return undefined
  const holder = isAttached === false ? null : (attachedTo ?? null)
  return { name, arn: arn ?? null, address: ipAddress ?? null, attachedTo: holder }
}

/** Translates a load balancer; undefined if it has no name. */
export function readLoadBalancer(loadBalancer: ServiceLoadBalancer): LoadBalancer | undefined {
  const { name, arn, instanceHealthSummary = [] } = loadBalancer
  if (name === undefined) return undefined
  const instanceNames = instanceHealthSummary.flatMap(({ instanceName }) => instanceName ?? [])
  return { name, arn: arn ?? null, instanceNames }
}

/** Translates a bundle; undefined if it has no id. */
export function readBundle(bundle: ServiceBundle): Bundle | undefined {
  if (bundle.bundleId === undefined) return undefined
  return {
    id: bundle.bundleId,
    monthlyPrice: bundle.price ?? null,
    cpuCount: bundle.cpuCount ?? null,
    ramSizeInGb: bundle.ramSizeInGb ?? null,
    diskSizeInGb: bundle.diskSizeInGb ?? null,
  }
}

/** Translates a rule of an instance's firewall. */
export function readPorts(rule: PortInfo): PortRule {
  const { fromPort = 0, toPort = 0, protocol = '', cidrs = [], ipv6Cidrs = [], cidrListAliases = [] } = rule
  return { fromPort, toPort, protocol, cidrs, ipv6Cidrs, cidrListAliases }
}

/** A rule of an instance's firewall for a request. */
export function requestPorts({ protocol, cidrs, ipv6Cidrs, cidrListAliases, ...ports }: PortRule): PortInfo {
  const known = Object.values(NetworkProtocol).find((word) => word === protocol)
  return {
    ...ports,
    ...(known === undefined ? {} : { protocol: known }),
    cidrs: [...cidrs],
    ipv6Cidrs: [...ipv6Cidrs],
    cidrListAliases: [...cidrListAliases],
  }
}

/** Whether it is a type of address that a request may ask for. */
export function isAddressType(word: string | null): word is IpAddressType {
  return Object.values(IpAddressType).some((known) => known === word)
}

/** Translates what is needed to log in to an instance. */
export function readAccess(access: InstanceAccessDetails): InstanceAccess {
  return {
    userName: access.username ?? '',
    // An instance may have no IPv4 address.
    address: access.ipAddress || access.ipv6Addresses?.[0] || '',
    privateKey: access.privateKey ?? '',
    certificate: access.certKey ?? '',
    hostKeys: (access.hostKeys ?? []).flatMap(({ algorithm, publicKey }) =>
      algorithm && publicKey ? { algorithm, publicKey } : [],
    ),
  }
}
