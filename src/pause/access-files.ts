import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../basics/failure.js'
import type { InstanceAccess } from '../lightsail/types.js'

/** The files that ssh reads while it connects. Nobody else can read them. */
export interface AccessFiles {
  readonly key: string
  readonly certificate: string
  readonly knownHosts: string
  remove(): Promise<void>
}

/** The name in known_hosts. It stands for whatever address and port the instance is reached at. */
export const hostAlias = 'lightsail-instance'

/** Writes the credentials into a new folder. Throws a Failure if Lightsail has left something out. */
export async function writeAccessFiles(access: InstanceAccess, parent: string): Promise<AccessFiles> {
  checkAccess(access)
  const folder = await mkdtemp(join(parent, 'lightsail-access-'))
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    // ssh reads no key without a line end after it, and Lightsail sometimes gives one.
    await writeFile(path, `${text.trim()}\n`, { mode: 0o600 })
    return path
  }
  try {
    const hosts = access.hostKeys.map(({ algorithm, publicKey }) => `${hostAlias} ${algorithm} ${publicKey}`)
    return {
      key: await write('key', access.privateKey),
      certificate: await write('key-cert.pub', access.certificate),
      knownHosts: await write('known_hosts', hosts.join('\n')),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function checkAccess({ userName, privateKey, certificate, hostKeys }: InstanceAccess): void {
  const parts = { 'user name': userName, key: privateKey, certificate, 'host keys': hostKeys.join() }
  const missing = Object.entries(parts).flatMap(([name, value]) => (value === '' ? name : []))
  if (missing.length === 0) return
  throw new Failure(
    `Lightsail's response to GetInstanceAccessDetails has no ${missing.join(', no ')}.`,
    'Check that you can connect to the instance with SSH in the Lightsail console.',
  )
}
