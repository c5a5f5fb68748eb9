import { parseArgs } from 'node:util'
import { everyChangeTakes } from './behaviour.js'
import { faults, isFaultName } from './faults.js'
import { checkExistingName } from './limits.js'
import { operations } from './operations.js'
import type { Region } from './region.js'
import { type Emulator, startEmulator } from './server.js'

const usage = `Usage: npm run emulator -- [options]
  --port N                  where to listen (default: a port that the system chooses)
  --region NAME             the Region to fill (default: eu-central-1)
  --disk NAME:GB[:INSTANCE] a disk in it, attached to that instance; may be given again (default: shop-data:32)
  --instance NAME:GB        an instance in it, with its system disk; may be given again (default: wordpress:60)
  --seconds N               how long a snapshot takes, and every other change but a deletion (default: 20)
  --snapshot-end END        completed, error or stuck (default: completed)
  --fault OPERATION:N:NAME  a fault at the N-th request of an operation; N may be "all"; may be given again

Operations: ${[...operations.keys()].join(', ')}; * is every one.
Faults: ${Object.keys(faults).join(', ')}.
`

/** What is wrong with the command line, in one line. */
class UsageError extends Error {}

function numberOf(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value <= most) return value
  throw new UsageError(`--${option}: not a number up to ${most}: ${text}`)
}

function nameAndSize(option: string, text: string): [string, number] {
  const [name = '', size = ''] = text.split(':')
  checkExistingName(name)
  return [name, numberOf(option, size)]
}

function addDisk(region: Region, text: string): void {
  const instance = text.split(':')[2]
  region.addDisk(...nameAndSize('disk', text), Date.now(), instance)
}

function snapshotEnd(text: string): Emulator['behaviour']['snapshotEnd'] {
  if (text === 'completed' || text === 'error' || text === 'stuck') return text
  throw new UsageError(`--snapshot-end: not an end: ${text}`)
}

function addFault(emulator: Emulator, text: string): void {
  const [operation = '', occurrence = '', fault = ''] = text.split(':')
  if (operation !== '*' && !operations.has(operation)) {
    throw new UsageError(`--fault: not an operation: ${operation}`)
  }
  if (!isFaultName(fault)) throw new UsageError(`--fault: not a fault: ${fault}`)
  emulator.faults.add({
    operation,
    fault,
    occurrences: occurrence === 'all' ? 'all' : [numberOf('fault', occurrence)],
  })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      region: { type: 'string', default: 'eu-central-1' },
      disk: { type: 'string', multiple: true, default: ['shop-data:32'] },
      instance: { type: 'string', multiple: true, default: ['wordpress:60'] },
      seconds: { type: 'string', default: '20' },
      'snapshot-end': { type: 'string', default: 'completed' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  if (!/^[a-z]+(-[a-z]+)+-\d$/.test(values.region)) {
    throw new UsageError(`--region: not a Region: ${values.region}`)
  }
  const end = snapshotEnd(values['snapshot-end'])
  const emulator = await startEmulator({
    port: numberOf('port', values.port, 65_535),
    behaviour: {
      ...everyChangeTakes(numberOf('seconds', values.seconds) * 1000),
      snapshotEnd: end,
      operationEnd: end === 'error' ? 'Failed' : 'Succeeded',
    },
  })
  const region = emulator.region(values.region)
  for (const instance of values.instance) {
    region.addInstance(...nameAndSize('instance', instance), Date.now())
  }
  for (const disk of values.disk) addDisk(region, disk)
  for (const fault of values.fault) addFault(emulator, fault)

  process.stdout.write(
    `export AWS_ENDPOINT_URL_LIGHTSAIL=${emulator.url}\nexport AWS_DEFAULT_REGION=${values.region}\n`,
  )
  process.stderr.write(
    `Lightsail emulator: ${[...values.disk, ...values.instance].join(', ')} in ${values.region}. Any credentials will do: AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x. Stop it with Ctrl-C.\n`,
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void emulator.close().then(() => process.exit(0)))
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  process.exit(2)
}
