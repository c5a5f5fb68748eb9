import { repeated } from '../../basics/text.js'
import type { InputReader } from '../../github/inputs.js'
import { type Parsed, parseDuration, parseList, right, wrong } from '../../github/parse.js'
import type { Source } from '../../lightsail/types.js'
import type { PausePlan } from '../../pause/connect.js'

/** The values of on-pause-failure. */
export const onFailureChoices = ['fail', 'continue'] as const

const longestPauseMs = 60_000

/** Where the system's own file systems are mounted. Frozen, one of these could stop the instance for good. */
const systemPaths: readonly string[] = ['/', '/usr', '/var', '/boot', '/home', '/etc', '/tmp']

/** Returns the pause that the inputs ask for; undefined if they ask for none. Problems are noted. */
export function readPause(inputs: InputReader, sources: readonly Source[]): PausePlan | undefined {
  const plan: PausePlan = {
    mounts: readMounts(inputs),
    before: inputs.text('before-snapshot'),
    after: inputs.text('after-snapshot'),
    timeoutMs: inputs.read('pause-timeout', parsePauseTimeout, longestPauseMs),
    onFailure: inputs.choice('on-pause-failure', onFailureChoices),
    host: inputs.read('ssh-host', parseHost, undefined),
    port: inputs.read('ssh-port', parsePort, 22),
  }
  if (plan.mounts.length === 0 && plan.before === '' && plan.after === '') return undefined
  const instances = sources.filter(({ type }) => type === 'instance')
  if (instances.length > 1) {
    const names = instances.map(({ name }) => name).join(', ')
    inputs.problem('instance-name', names, 'is several instances: a step can pause one')
  }
  return plan
}

function readMounts(inputs: InputReader): readonly string[] {
  const mounts = inputs.read('freeze', (text) => parseList(text, { commas: false }), [])
  for (const mount of mounts) {
    if (!mount.startsWith('/')) inputs.problem('freeze', mount, 'is not an absolute path')
    else if (systemPaths.includes(mount.replace(/(?<=.)\/+$/, ''))) {
      inputs.problem(
        'freeze',
        mount,
        'is a file system that the system itself uses: give the mount points of data disks',
      )
    }
  }
  for (const mount of repeated(mounts)) inputs.problem('freeze', mount, 'is given more than once')
  return mounts
}

function parsePauseTimeout(text: string): Parsed<number> {
  const parsed = parseDuration(text)
  if (!parsed.ok || parsed.value <= longestPauseMs) return parsed
  return wrong('is too long: the most is 60s')
}

function parseHost(text: string): Parsed<string | undefined> {
  if (text === '') return right(undefined)
  return /^[\w:][\w.:-]*$/.test(text) ? right(text) : wrong('is not a host name or an address')
}

function parsePort(text: string): Parsed<number> {
  const port = Number(text)
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535
    ? right(port)
    : wrong('is not a port: use a number from 1 to 65535')
}
