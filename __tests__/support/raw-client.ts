import type { Emulator } from '../../emulator/service/server.js'
import type {
  AccessDetails,
  Bundle,
  Disk,
  DiskSnapshot,
  Instance,
  InstanceSnapshot,
  LoadBalancer,
  Operation,
  PortRule,
  StaticIp,
} from '../../emulator/service/wire.js'
import { region } from './emulated.js'

/** A response as it was received, with the members that the tests use. */
export interface RawAnswer {
  readonly status: number
  readonly body: {
    readonly __type?: string
    readonly code?: string
    readonly message?: string
    readonly operations?: readonly Operation[]
    readonly operation?: Operation
    readonly diskSnapshot?: DiskSnapshot
    readonly diskSnapshots?: readonly DiskSnapshot[]
    readonly disk?: Disk
    readonly disks?: readonly Disk[]
    readonly instance?: Instance
    readonly instances?: readonly Instance[]
    readonly state?: Instance['state']
    readonly instanceSnapshot?: InstanceSnapshot
    readonly instanceSnapshots?: readonly InstanceSnapshot[]
    readonly portStates?: readonly (PortRule & { readonly state: string })[]
    readonly loadBalancer?: LoadBalancer
    readonly loadBalancers?: readonly LoadBalancer[]
    readonly bundles?: readonly Bundle[]
    readonly staticIp?: StaticIp
    readonly staticIps?: readonly StaticIp[]
    readonly accessDetails?: AccessDetails
    readonly nextPageToken?: string
  }
}

const authorization = (regionName: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAEMULATED/20261122/${regionName}/lightsail/aws4_request, SignedHeaders=host, Signature=0`

/** The headers of a request for this operation, with a signature that the emulator doesn't check. */
export function signed(operation: string): Record<string, string> {
  return {
    authorization: authorization(region),
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Lightsail_20161128.${operation}`,
  }
}

/** Sends one request to the emulator without the SDK. */
export async function call(
  emulator: Emulator,
  operation: string,
  input: unknown,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(emulator.url, {
    method: 'POST',
    headers: { ...signed(operation), ...headers },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}
