import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer } from 'node:tls'

/** A proxy process, and the requests that it saw: `CONNECT host:port` for a tunnel, `forward host:port` for others. */
export interface ProxyProcess {
  readonly port: number
  readonly seen: string[]
  stop(): void
}

/** Starts a proxy that resolves every host to this machine. It requires the `credentials` (`user:password`), if any. */
export function startProxy(credentials?: string): Promise<ProxyProcess> {
  const child = spawn(process.execPath, ['.build/__tests__/support/proxy-process.js'], {
    env: { PATH: process.env['PATH'], USER_AND_PASSWORD: credentials },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen: string[] = []
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the proxy ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /^port (\d+)$/.exec(line)?.[1]
      if (port === undefined) seen.push(line)
      else resolve({ port: Number(port), seen, stop: () => void child.kill() })
    })
  })
}

/** A certificate authority and its certificate for some hosts below `test`, created for this run only. */
export interface Certificate {
  readonly key: Buffer
  readonly certificate: Buffer
  /** For NODE_EXTRA_CA_CERTS. */
  readonly file: string
  remove(): Promise<void>
}

// Used instead of the machine's own file, which not every OpenSSL or LibreSSL has or finds.
const certificateSettings = `[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = lightsail.test
[extensions]
basicConstraints = critical, CA:TRUE
subjectAltName = DNS:lightsail.test, DNS:sts.test, DNS:github.test
`

/** Creates both, valid from now or in a year. */
export async function makeCertificate(valid: 'now' | 'in a year' = 'now'): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const settings = join(folder, 'settings')
  await writeFile(settings, certificateSettings)
  const kind = ['-config', settings, '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1']
  execFileSync('openssl', ['req', ...kind, '-keyout', keyFile, '-out', file], { stdio: 'ignore' })
  if (valid === 'in a year') await postpone(folder, keyFile, file)
  return {
    key: await readFile(keyFile),
    certificate: await readFile(file),
    file,
    remove: () => rm(folder, { recursive: true }),
  }
}

/** Signs the certificate again, so that it becomes valid in a year. */
async function postpone(folder: string, keyFile: string, file: string): Promise<void> {
  const year = new Date().getUTCFullYear() + 1
  const authority = `[ca]
default_ca = own
[own]
database = ${join(folder, 'database')}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`
  await writeFile(join(folder, 'database'), '')
  await writeFile(join(folder, 'authority'), authority)
  const request = ['-x509toreq', '-in', file, '-signkey', keyFile, '-copy_extensions', 'copy']
  execFileSync('openssl', ['x509', ...request, '-out', join(folder, 'request')], { stdio: 'ignore' })
  const signed = ['-batch', '-selfsign', '-config', join(folder, 'authority'), '-keyfile', keyFile]
  const from = ['-startdate', `${year}1201000000Z`, '-days', '30', '-notext']
  const paths = ['-in', join(folder, 'request'), '-out', file]
  execFileSync('openssl', ['ca', ...signed, ...from, ...paths], { stdio: 'ignore' })
}

/** A TLS server that forwards to a plain server on this machine. */
export interface TlsFront {
  readonly port: number
  close(): Promise<void>
}

export async function startTlsFront(
  target: string,
  { key, certificate }: Pick<Certificate, 'key' | 'certificate'>,
): Promise<TlsFront> {
  const { port } = new URL(target)
  const server = createServer({ key, cert: certificate }, (socket) => {
    const plain = connect(Number(port), '127.0.0.1')
    socket.on('error', () => plain.destroy())
    plain.on('error', () => socket.destroy())
    socket.pipe(plain).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no TCP address')
  return { port: address.port, close: () => new Promise((resolve) => void server.close(() => resolve())) }
}
