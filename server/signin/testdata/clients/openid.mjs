// openid-client against the server whose address and clients are given in the first argument. It asks its reader to go to
// addresses as a browser would ("visit", which is answered by where that ended; "type", a device's user code), and says each step that worked.
import * as client from 'openid-client'
import { createInterface } from 'node:readline'

const { url, app, web, service, key } = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (what, value) => console.log(JSON.stringify({ what, value }))
const ask = async (what, value) => { say(what, value); return (await lines.next()).value }
const open = { execute: [client.allowInsecureRequests] }
const at = (id, method) => client.discovery(new URL(url), id, undefined, method, open)

async function code(config, redirect_uri) {
  const verifier = client.randomPKCECodeVerifier(), state = client.randomState(), nonce = client.randomNonce()
  const to = client.buildAuthorizationUrl(config, {
    redirect_uri, state, nonce, scope: 'openid profile offline_access user/Patient.rs',
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
  const back = new URL(await ask('visit', to.href))
  return client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 3600 })
}

const config = await at(app.id, client.None())
say('done', 'discovery')
const tokens = await code(config, app.redirect)
say('done', 'code with PKCE, state, nonce, iss and id token')
const who = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
if (who.preferred_username !== 'ada') throw new Error(JSON.stringify(who))
say('done', 'userinfo')
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token)
if (!fresh.id_token || fresh.refresh_token === tokens.refresh_token) throw new Error('the refresh token does not rotate')
say('done', 'refresh')
await client.tokenRevocation(config, fresh.refresh_token)
await client.refreshTokenGrant(config, fresh.refresh_token).then(() => { throw new Error('a revoked token is good') }, (e) => { if (e.error !== 'invalid_grant') throw e })
say('done', 'revocation')

const confidential = await at(web.id, client.ClientSecretBasic(web.secret))
const theirs = await code(confidential, web.redirect)
say('done', 'code of a confidential client')
const told = await client.tokenIntrospection(confidential, theirs.access_token)
if (told.active !== true || told.client_id !== web.id) throw new Error(JSON.stringify(told))
say('done', 'introspection')

const pair = await crypto.subtle.importKey('jwk', key, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign'])
const backend = await at(service.id, client.PrivateKeyJwt({ key: pair, kid: key.kid }))
const own = await client.clientCredentialsGrant(backend, { scope: 'system/Patient.rs' })
if (own.scope !== 'system/Patient.rs' || own.refresh_token) throw new Error(JSON.stringify(own))
say('done', 'client credentials by private_key_jwt')

const device = await client.initiateDeviceAuthorization(config, { scope: 'openid' })
const waiting = client.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 })
await ask('type', device.verification_uri_complete)
if (!(await waiting).access_token) throw new Error('no token')
say('done', 'device code')

const leave = client.buildEndSessionUrl(config, { post_logout_redirect_uri: app.redirect, state: 's' })
if (!leave.href.includes('/oauth/end-session')) throw new Error(leave.href)
say('done', 'end of the session')
process.exit(0)
