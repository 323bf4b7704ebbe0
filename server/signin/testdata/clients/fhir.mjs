// fhirclient against the server whose address is given in the first argument: a standalone launch, a read, and a refresh in its
// default setting. It speaks as openid.mjs does.
import FHIR from 'fhirclient'
import { createInterface } from 'node:readline'

const { url, app } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (what, value) => console.log(JSON.stringify({ what, value }))
const ask = async (what, value) => { say(what, value); return (await lines.next()).value }

const kept = new Map()
const storage = { get: async (k) => kept.get(k), set: async (k, v) => { kept.set(k, v); return v }, unset: async (k) => kept.delete(k) }
const here = new URL(app.redirect)
const request = (path) => ({ headers: { host: here.host }, url: path, socket: {} })

let to
const response = { writeHead: (_, head) => { to = head.location }, end: () => {} }
await FHIR(request('/launch'), response, storage).authorize({ clientId: app.id, scope: 'openid profile offline_access user/Patient.rs', redirectUri: app.redirect, iss: url + '/fhir', pkceMode: 'required' })
say('done', 'launch')
const back = new URL(await ask('visit', to))
const fhir = await FHIR(request(back.pathname + back.search), response, storage).ready()
say('done', 'code')
const patient = await fhir.request('Patient/p1')
if (patient.id !== 'p1') throw new Error(JSON.stringify(patient))
say('done', 'read')
const first = fhir.state.tokenResponse.refresh_token
await fhir.refresh()
if (!first || fhir.state.tokenResponse.refresh_token === first) throw new Error('the refresh token does not rotate')
await fhir.request('Patient/p1')
say('done', 'refresh')
process.exit(0)
