import { invalidInput } from './errors.js'
import type { Input, PortRule } from './wire.js'

/** The rules of a new instance's firewall. */
export const defaultRules: readonly PortRule[] = [80, 22, 443].map((port) => ({
  fromPort: port,
  toPort: port,
  protocol: 'tcp',
  cidrs: ['0.0.0.0/0'],
  ipv6Cidrs: ['::/0'],
  cidrListAliases: [],
}))

const protocols: readonly unknown[] = ['tcp', 'udp', 'all', 'icmp', 'icmpv6']

/** Returns the rules that the request lists; throws InvalidInputException unless all are valid. */
export function requestedRules(input: Input): PortRule[] {
  const list = input['portInfos']
  if (Array.isArray(list)) return list.map(readRule)
  throw invalidInput("1 validation error detected: Value at 'portInfos' failed to satisfy constraint")
}

function readRule(item: unknown): PortRule {
  const members = new Map<string, unknown>(Object.entries(Object(item)))
  const [fromPort, toPort, protocol] = ['fromPort', 'toPort', 'protocol'].map((name) => members.get(name))
  if (typeof protocol !== 'string' || !protocols.includes(protocol) || !isPort(fromPort) || !isPort(toPort)) {
    throw invalidInput(`The port is not valid: ${JSON.stringify(item)}`)
  }
  const [cidrs, ipv6Cidrs, cidrListAliases] = ['cidrs', 'ipv6Cidrs', 'cidrListAliases'].map((name) =>
    texts(members.get(name)),
  )
  const isForAll = [cidrs, ipv6Cidrs, cidrListAliases].every((list) => list === undefined)
  return {
    fromPort,
    toPort,
    protocol,
    cidrs: cidrs ?? (isForAll ? ['0.0.0.0/0'] : []),
    ipv6Cidrs: ipv6Cidrs ?? (isForAll ? ['::/0'] : []),
    cidrListAliases: cidrListAliases ?? [],
  }
}

// -1 stands for every code of ICMP.
function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -1 && value <= 65_535
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined
}
