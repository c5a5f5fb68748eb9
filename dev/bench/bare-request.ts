// A process that only sends the HTTP request that starts a snapshot: the lower limit for the time of a step.
import { request } from 'node:http'

const [url = '', diskSnapshotName = ''] = process.argv.slice(2)
const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=A/20261122/eu-central-1/lightsail/aws4_request, Signature=0',
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Lightsail_20161128.CreateDiskSnapshot',
}
request(url, { method: 'POST', headers }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1
  response.resume()
}).end(JSON.stringify({ diskName: 'shop-data', diskSnapshotName }))
