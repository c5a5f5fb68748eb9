import { parseArgs } from 'node:util'
import { isFaultName } from './faults.js'
import { type Emulator, startEmulator } from './server.js'

const usage = `Usage: npm run emulator -- [options]
  --port N                  where to listen (default: a port that the system chooses)
  --region NAME             the Region to fill (default: eu-central-1)
  --disk NAME:GB            a disk in it; may be given again (default: shop-data:32)
  --instance NAME:GB        an instance in it, with its system disk; may be given again (default: wordpress:60)
  --seconds N               how long a snapshot takes (default: 20)
  --snapshot-end END        completed, error or stuck (default: completed)
  --fault OPERATION:N:NAME  a fault at the N-th request of an operation (N may be "all"); may be given again
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    region: { type: 'string', default: 'eu-central-1' },
    disk: { type: 'string', multiple: true, default: ['shop-data:32'] },
    instance: { type: 'string', multiple: true, default: ['wordpress:60'] },
    seconds: { type: 'string', default: '20' },
    'snapshot-end': { type: 'string', default: 'completed' },
    fault: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

function fail(problem: string): never {
  process.stderr.write(`${problem}\n${usage}`)
  process.exit(2)
}

function positiveNumber(option: string, text: string): number {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) && value >= 0
    ? value
    : fail(`--${option}: not a number: ${text}`)
}

function nameAndSize(option: string, text: string): [string, number] {
  const [name, size] = text.split(':')
  if (name === undefined || name === '' || size === undefined) fail(`--${option}: not NAME:GB: ${text}`)
  return [name, positiveNumber(option, size)]
}

function snapshotEnd(text: string): Emulator['behaviour']['snapshotEnd'] {
  if (text === 'completed' || text === 'error' || text === 'stuck') return text
  return fail(`--snapshot-end: not an end: ${text}`)
}

function addFault(emulator: Emulator, text: string): void {
  const [operation, occurrence, fault] = text.split(':')
  if (operation === undefined || occurrence === undefined || fault === undefined || !isFaultName(fault)) {
    fail(`--fault: not OPERATION:N:NAME: ${text}`)
  }
  const occurrences = occurrence === 'all' ? 'all' : [positiveNumber('fault', occurrence)]
  emulator.faults.add({ operation, fault, occurrences })
}

if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
const end = snapshotEnd(values['snapshot-end'])
const emulator = await startEmulator({
  port: positiveNumber('port', values.port),
  behaviour: {
    snapshotDurationMs: positiveNumber('seconds', values.seconds) * 1000,
    snapshotEnd: end,
    operationEnd: end === 'error' ? 'Failed' : 'Succeeded',
  },
})
const region = emulator.region(values.region)
for (const disk of values.disk) region.addDisk(...nameAndSize('disk', disk), Date.now())
for (const instance of values.instance) region.addInstance(...nameAndSize('instance', instance), Date.now())
for (const fault of values.fault) addFault(emulator, fault)

process.stdout.write(
  `export AWS_ENDPOINT_URL_LIGHTSAIL=${emulator.url}\nexport AWS_DEFAULT_REGION=${values.region}\n`,
)
process.stderr.write(
  `Lightsail emulator: ${values.disk.join(', ')} and ${values.instance.join(', ')} in ${values.region}. Any credentials will do. Stop it with Ctrl-C.\n`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.close().then(() => process.exit(0)))
}
