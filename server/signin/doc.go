// Package signin turns what a request shows into a Principal. So far it knows one kind
// of credential: the bearer token (RFC 6750) that `ficus admin token` hands out.
//
// It promises that a token is only ever looked up by its SHA-256 and never logged; that
// a revoked one is refused within Options.Fresh; and that every refusal is reported to
// whoever keeps the audit. Its only fault is Unauthorized, besides those of the lookup.
//
// It never decides what a principal may do (engine/access does) and keeps no tokens
// (care/accounts does).
package signin
