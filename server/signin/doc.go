// Package signin turns what a request shows into a Principal, and hands out what it takes
// for that: it is the server of OAuth 2.1 and OpenID Connect, with its pages.
//
// # The gate
//
// Gate knows two kinds of bearer tokens (RFC 6750): those that `ficus admin token` makes,
// and access tokens of Issuer, which are JWT (RFC 9068). It promises that a token is only
// ever remembered by its SHA-256 and never logged; that one that was revoked, or whose grant,
// user, client or key has ended, is refused within Options.Fresh; and that every refusal is
// reported to whoever keeps the audit. The algorithm is that of our key, whatever a token
// says. Its only fault is Unauthorized, besides those of the lookup.
//
// What a person gives to an app is never more than his roles allow at the moment of use
// (access.Scopes.Within), and the roles themselves do not come along.
//
// # The issuer
//
//	/.well-known/openid-configuration, /.well-known/oauth-authorization-server   RFC 8414
//	/fhir/.well-known/smart-configuration   SMART App Launch 2.2
//	/oauth/jwks         our public keys (RFC 7517)
//	/oauth/authorize    code with PKCE by S256 (RFC 6749, RFC 7636, RFC 9207)
//	/oauth/token        codes, refresh tokens, client credentials, device codes
//	/oauth/device       RFC 8628
//	/oauth/introspect   RFC 7662
//	/oauth/revoke       RFC 7009
//	/oauth/register     RFC 7591, if IssuerOptions.Register
//	/oauth/userinfo, /oauth/end-session     OpenID Connect
//	/signin, /signin/factor, /signin/password, /signin/consent, /signin/device, /signin/sessions, /signin/factors   pages
//
// Enter, Second and Renew sign people in without an app, for the domain interface: they hold grants of the program's own client,
// act with their roles, and end with the session.
//
// There is one issuer for all tenants: a client's id leads to its tenant. It promises that
// a browser is sent to addresses only that its client has registered, letter by letter;
// that a question is answered in the browser alone that brought it, from our page, by
// somebody who has signed in to the tenant; that codes, refresh tokens and assertions count
// once; and that no secret and nothing of our failures stands in an answer or in the log.
// Pages are made of server/page, run no script and are framed by nobody. A session gets another text
// when it becomes stronger. Who asks more often than Limits say is refused, each for himself. What others want us to read (jwks_uri) is
// read over HTTPS from public addresses, within bounds.
//
// It never decides what a principal may do (engine/access does) and keeps nothing itself
// (care/accounts does). It knows no launch context and no passkeys yet, and sends no mail.
package signin
