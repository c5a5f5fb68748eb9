import { type FaultRule, faults, isFaultName } from './faults.js'
import { checkExistingName, isDiskSize } from './limits.js'
import { operations } from './operations.js'
import type { Region } from './region.js'

// Parses the disks, instances and faults given on the command line or as inputs of the action.

/** The parsed value, or what is wrong with the text and how to write it. */
export type Spec<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

/** A disk that exists from the start. */
export interface DiskSpec {
  readonly name: string
  readonly sizeInGb: number
  /** The instance that it is attached to. */
  readonly instanceName: string | undefined
}

/** An instance that exists from the start. */
export interface InstanceSpec {
  readonly name: string
  readonly sizeInGb: number
  /** The static IP that is attached to it. */
  readonly staticIpName: string | undefined
}

const defaultSizeInGb = 32

/** A disk: `NAME`, `NAME:GB` or `NAME:GB:INSTANCE`. */
export function parseDisk(text: string): Spec<DiskSpec> {
  const parsed = parseResource(text, 'NAME:GB:INSTANCE')
  if (!parsed.ok) return parsed
  const { name, sizeInGb, other } = parsed.value
  return { ok: true, value: { name, sizeInGb, instanceName: other } }
}

/** An instance: `NAME`, `NAME:GB` or `NAME:GB:STATIC-IP`, with the size of its system disk. */
export function parseInstance(text: string): Spec<InstanceSpec> {
  const parsed = parseResource(text, 'NAME:GB:STATIC-IP')
  if (!parsed.ok) return parsed
  const { name, sizeInGb, other } = parsed.value
  return { ok: true, value: { name, sizeInGb, staticIpName: other } }
}

interface Parts {
  readonly name: string
  readonly sizeInGb: number
  readonly other: string | undefined
}

function parseResource(text: string, form: string): Spec<Parts> {
  const [name = '', size, other, ...more] = text.split(':')
  if (more.length > 0) return { ok: false, problem: `has too many parts: write ${form}` }
  const sizeInGb = size === undefined ? defaultSizeInGb : wholeNumber(size)
  if (sizeInGb === undefined || !isDiskSize(sizeInGb)) {
    return { ok: false, problem: `has no size in whole GB after the name: write, for example, ${name}:32` }
  }
  const wrongName = [name, ...(other === undefined ? [] : [other])].find((each) => !isName(each))
  if (wrongName !== undefined) {
    return { ok: false, problem: `names ${JSON.stringify(wrongName)}, which is not a valid Lightsail name` }
  }
  return { ok: true, value: { name, sizeInGb, other } }
}

/**
 * A fault: `OPERATION:N:FAULT`, where N counts the requests of that operation from 1, or is `all`. With `=MS` after it, the error
 * asks the client to wait that many milliseconds.
 */
export function parseFault(text: string): Spec<FaultRule> {
  const [operation = '', occurrence = '', named = '', ...more] = text.split(':')
  const [fault = '', retryAfter, ...rest] = named.split('=')
  if (more.length > 0) return { ok: false, problem: 'has too many parts: write OPERATION:N:FAULT' }
  if (operation !== '*' && !operations.has(operation)) {
    return {
      ok: false,
      problem: `names no operation of the emulator: ${[...operations.keys()].join(', ')}, *`,
    }
  }
  if (!isFaultName(fault)) {
    return { ok: false, problem: `names no fault: ${Object.keys(faults).join(', ')}` }
  }
  const isWait = retryAfter === undefined || wholeNumber(retryAfter) !== undefined
  if (!isWait || rest.length > 0) {
    return { ok: false, problem: `has no whole number of milliseconds after =: write ${fault}=5000` }
  }
  const number = occurrence === 'all' ? 'all' : wholeNumber(occurrence)
  if (number === undefined || number === 0) {
    return { ok: false, problem: 'counts requests from 1: write OPERATION:1:FAULT or OPERATION:all:FAULT' }
  }
  const occurrences = number === 'all' ? ('all' as const) : [number]
  const rule = { operation, fault, occurrences }
  return { ok: true, value: retryAfter === undefined ? rule : { ...rule, retryAfter } }
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function isName(text: string): boolean {
  try {
    checkExistingName(text)
    return true
  } catch {
    return false
  }
}

/** The disks and instances that a Region starts with. */
export interface Content {
  readonly disks: readonly DiskSpec[]
  readonly instances: readonly InstanceSpec[]
}

/** The instance of disks that don't name one. */
const serverName = 'server'

/** Puts disks and instances into a Region, as if created at `now` (milliseconds since the epoch). Every disk is attached. */
export function fill(region: Region, { disks, instances }: Content, now: number): void {
  for (const { name, sizeInGb, staticIpName } of instances) {
    region.addInstance(name, sizeInGb, now)
    if (staticIpName !== undefined) region.addStaticIp(staticIpName, now, name)
  }
  for (const { name, sizeInGb, instanceName = serverName } of disks) {
    if (instanceName === serverName && !region.instances.isFound(serverName, now)) {
      region.addInstance(serverName, 40, now)
    }
    region.addDisk(name, sizeInGb, now, instanceName)
  }
}
