import { parseArgs } from 'node:util'
import { everyChangeTakes } from './behaviour.js'
import { faults } from './faults.js'
import { operations } from './operations.js'
import { isScenarioName, type Scenario, scenarios } from './scenarios.js'
import { type Emulator, startEmulator } from './server.js'
import { fill, parseDisk, parseFault, parseInstance, type Spec } from './spec.js'

const usage = `Usage: npm run emulator -- [options]
  --port N                  the port to listen on (default: chosen by the system)
  --region NAME             the Region of the disks and instances (default: eu-central-1)
  --disk NAME[:GB[:INSTANCE]] a disk, attached to INSTANCE or to an instance called server; repeatable (default: shop-data:32)
  --instance NAME[:GB]      an instance and the size of its system disk; repeatable (default: wordpress:60)
  --seconds N               how long every change except a deletion takes (default: 20)
  --snapshot-end END        how snapshots end: completed, error or stuck (default: completed)
  --scenario NAME           the scenario to emulate (default: good)
  --fault OPERATION:N:FAULT a fault at the N-th request of an operation, or at "all"; repeatable. FAULT=MS: the error asks the
                            client to wait that many milliseconds

Operations: ${[...operations.keys()].join(', ')}; * means all of them.
Faults: ${Object.keys(faults).join(', ')}.
Scenarios: ${Object.keys(scenarios).join(', ')}.
`

/** An invalid command line; the message is one line. */
class UsageError extends Error {}

function numberOf(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value <= most) return value
  throw new UsageError(`--${option}: not a number up to ${most}: ${text}`)
}

function specs<T>(option: string, texts: readonly string[], parse: (text: string) => Spec<T>): T[] {
  return texts.map((text) => {
    const spec = parse(text)
    if (spec.ok) return spec.value
    throw new UsageError(`--${option}: ${text} ${spec.problem}`)
  })
}

function scenarioOf(name: string): Scenario {
  if (isScenarioName(name)) return scenarios[name]
  throw new UsageError(`--scenario: not a scenario: ${name}`)
}

function snapshotEnd(text: string): Pick<Emulator['behaviour'], 'snapshotEnd' | 'operationEnd'> {
  if (text === 'completed' || text === 'stuck') return { snapshotEnd: text, operationEnd: 'Succeeded' }
  if (text === 'error') return { snapshotEnd: text, operationEnd: 'Failed' }
  throw new UsageError(`--snapshot-end: not an end: ${text}`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      region: { type: 'string', default: 'eu-central-1' },
      disk: { type: 'string', multiple: true, default: ['shop-data:32'] },
      instance: { type: 'string', multiple: true, default: ['wordpress:60'] },
      seconds: { type: 'string', default: '20' },
      'snapshot-end': { type: 'string' },
      scenario: { type: 'string', default: 'good' },
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
  const disks = specs('disk', values.disk, parseDisk)
  const instances = specs('instance', values.instance, parseInstance)
  const faultRules = specs('fault', values.fault, parseFault)
  const scenario = scenarioOf(values.scenario)
  const end = values['snapshot-end']
  const emulator = await startEmulator({
    port: numberOf('port', values.port, 65_535),
    behaviour: {
      ...everyChangeTakes(numberOf('seconds', values.seconds) * 1000),
      ...scenario.behaviour,
      ...(end === undefined ? {} : snapshotEnd(end)),
    },
  })
  const region = emulator.region(values.region)
  const now = Date.now()
  fill(region, { disks, instances }, now)
  scenario.prepare(region, { repository: process.env['GITHUB_REPOSITORY'] ?? '', now })
  for (const rule of [...faultRules, ...scenario.faults]) emulator.faults.add(rule)

  process.stdout.write(
    `export AWS_ENDPOINT_URL_LIGHTSAIL=${emulator.url}\nexport AWS_DEFAULT_REGION=${values.region}\n`,
  )
  process.stderr.write(
    `Lightsail emulator: ${[...values.disk, ...values.instance].join(', ')} in ${values.region}. Any credentials work, such as AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x. Press Ctrl-C to stop it.\n`,
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
