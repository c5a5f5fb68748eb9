import { Failure } from '../basics/failure.js'
import { awsCommand } from '../lightsail/commands.js'
import type { Report } from './remote.js'
import type { Target } from './ssh.js'

/** The instance as messages name it. */
export interface InstanceName {
  readonly name: string
  readonly region: string
}

interface ConnectionProblem {
  /** What ssh prints. */
  readonly pattern: RegExp
  /** What it means, after the address. */
  readonly meaning: string
  readonly advice: string
  readonly isCertificateRefused?: true
  readonly isHostKey?: true
}

/** Why ssh doesn't connect. The first row that fits counts. */
const connectionProblems: readonly ConnectionProblem[] = [
  {
    pattern: /HOST IDENTIFICATION HAS CHANGED|host key verification failed|no \S+ host key is known/i,
    meaning: "it has a host key that Lightsail doesn't report",
    advice:
      'After an upgrade of its operating system an instance may have new keys: delete those that Lightsail knows, and connect once in the Lightsail console. Otherwise another machine answers at this address.',
    isHostKey: true,
  },
  {
    pattern: /permission denied|too many authentication failures/i,
    meaning: "it refuses Lightsail's certificate",
    advice:
      "Check that you can connect to the instance in the Lightsail console. Its SSH server has to trust Lightsail's certificate authority (TrustedUserCAKeys), and to accept its signature: CASignatureAlgorithms +ssh-rsa.",
    isCertificateRefused: true,
  },
  {
    pattern: /could not resolve hostname/i,
    meaning: 'the name is unknown',
    advice: 'Check ssh-host.',
  },
  {
    pattern: /connection refused/i,
    meaning: 'nothing listens on the port',
    advice: 'Check ssh-port, and that the instance runs an SSH server.',
  },
  {
    pattern: /timed out|no route to host|network is unreachable/i,
    meaning: 'nothing answers',
    advice:
      "Open the port in the instance's firewall for this runner. An instance with only an IPv6 address needs a runner that has IPv6.",
  },
  {
    pattern: /load key .*(invalid|error|unknown)/i,
    meaning: "the runner's ssh can't read the key from Lightsail",
    advice: 'Rerun the job. If it happens again, report it.',
  },
]

/** Why there is no connection: the failure for a person, and whether the certificate was refused. */
export function connectionProblem(
  instance: InstanceName,
  { userName, host, port }: Target,
  output: string,
  isLate: boolean,
): { readonly failure: Failure; readonly isCertificateRefused: boolean } {
  const found = connectionProblems.find(({ pattern }) => pattern.test(output))
  const lastLine = output.trim().split('\n').at(-1) ?? ''
  const otherwise = isLate ? "it doesn't answer in time" : 'the connection ended'
  const meaning = found?.meaning ?? otherwise
  const said = lastLine === '' ? '' : ` (${lastLine.trim()})`
  const forget = {
    purpose: 'Delete the host keys that Lightsail knows',
    language: 'sh',
    text: awsCommand('delete-known-host-keys', instance.region, { 'instance-name': instance.name }),
  } as const
  const failure = new Failure(
    `Can't connect to instance "${instance.name}" as ${userName} at ${host} port ${port}: ${meaning}${said}.`,
    found?.advice ?? 'Check that you can connect to the instance with SSH in the Lightsail console.',
    { copyables: found?.isHostKey ? [forget] : [] },
  )
  return { failure, isCertificateRefused: found?.isCertificateRefused === true }
}

/** The failure if Lightsail reports no address: a stopped instance may have none. */
export function noAddress(instance: InstanceName): Failure {
  return new Failure(
    `Can't connect to instance "${instance.name}": Lightsail reports no address for it.`,
    'Check that the instance runs, or give its address as ssh-host.',
  )
}

/** The failure if the runner has no ssh. */
export function noSsh(instance: InstanceName): Failure {
  return new Failure(
    `Can't connect to instance "${instance.name}": there is no ssh on this runner.`,
    'Install the OpenSSH client on the runner, in its container image if the job has one.',
  )
}

type Words = readonly [happened: string, advice: string]

/** Why the script on the instance refused or ended the pause. `subject` is what the report is about. */
const refusals: Readonly<Record<string, (subject: string) => Words>> = {
  'no-sudo': (user) => [
    `user "${user}" can't become root without a password`,
    'Allow it: sudo -n has to work for that user.',
  ],
  'not-root': (user) => [`the commands run as "${user}" instead of root`, 'Check sudo on the instance.'],
  'not-linux': (system) => [`it runs ${system}`, 'A pause needs Linux.'],
  'no-command': (tool) => [
    `it has no command ${tool}`,
    'Install the packages util-linux and coreutils on the instance.',
  ],
  'not-absolute': (mount) => [`"${mount}" is not an absolute path`, 'Correct freeze.'],
  'no-mount-point': (mount) => [
    `"${mount}" is not a mount point`,
    'Give the folder on which the file system is mounted: findmnt lists them.',
  ],
  system: (mount) => [
    `"${mount}" is on a file system that the system itself uses`,
    'Freezing it could stop the instance for good. Use before-snapshot and after-snapshot instead of freeze.',
  ],
  'same-file-system': (mount) => [
    `"${mount}" is on the same file system as another mount point`,
    'Give each file system once in freeze.',
  ],
  frozen: (mount) => [
    `"${mount}" is frozen already`,
    'Find out what froze it, such as another backup. If nothing needs it any more: fsfreeze --unfreeze.',
  ],
  busy: () => [
    'another step is pausing it',
    'Let only one step at a time pause an instance, for example with a concurrency group.',
  ],
  'freeze-failed': (mount) => [
    `"${mount}" can't be frozen`,
    "It may be frozen already, or its file system can't freeze: ext4, XFS, Btrfs and F2FS can.",
  ],
  'before-failed': (code) => [
    code === '124' || code === '137'
      ? "before-snapshot didn't finish within five minutes"
      : `before-snapshot failed with exit code ${code}`,
    'Its output is in the log above.',
  ],
}

/** The failure for what the script reported. */
export function refusal(instance: InstanceName, { subject }: Report): Failure {
  const [word = '', ...rest] = subject.split(' ')
  const words = refusals[word]?.(rest.join(' ')) ?? [`it reported "${subject}"`, 'Rerun the job.']
  return new Failure(`Can't pause instance "${instance.name}": ${words[0]}.`, words[1])
}

/** The failure if the instance says nothing any more. */
export function wentSilent({ name }: InstanceName): Failure {
  return new Failure(
    `Lost the connection to instance "${name}" during the pause.`,
    'Whatever was frozen on the instance thaws by itself: when the connection ends, and after pause-timeout.',
  )
}

/** The failure if the file systems were not frozen all the time. */
export function didNotHold(instance: InstanceName): Failure {
  return new Failure(
    `The pause of instance "${instance.name}" ended before all snapshots were requested.`,
    'The snapshots are kept, but they are only crash-consistent. Increase pause-timeout if the requests took longer, and check that nothing else thaws the file systems.',
  )
}

/** The failure if `after-snapshot` failed. */
export function afterFailed(instance: InstanceName, code: string): Failure {
  return new Failure(
    code === '124' || code === '137'
      ? `after-snapshot didn't finish within five minutes on instance "${instance.name}".`
      : `after-snapshot failed with exit code ${code} on instance "${instance.name}".`,
    'Check that everything runs on the instance again. The output is in the log above.',
  )
}
